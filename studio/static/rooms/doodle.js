/**
 * Doodle: while the pen rests, ghosts of how the drawing might go on appear; a key or a tap keeps one.
 */

import { addStrokes, makeStroke, visibleStrokes } from "../document.js";
import { Endings } from "../endings.js";
import { Guesses } from "../guesses.js";
import { SIGNS } from "../icons.js";
import { drawShare } from "../ink.js";
import { ModelPen } from "../model_pen.js";
import { button, check, group, h, newSeed, seedField, slider, soon } from "../ui.js";
import { drawingOf } from "../wire.js";
import { fillList, wordField } from "../words.js";

/** ms that the pen rests before ghosts are asked for. */
const REST = 60;
const MOST_POINTS = 120;
/** The temperature that the slider shows for "the model's own". */
const USUAL = 0.4;
/** How many of the words that the model draws well are named. */
const GOOD = 7;
/** Of those, what people like to begin with. */
const FAVOURITES = ["cat", "bicycle", "house", "flower", "fish", "snail", "umbrella"];
/** Of the ghost that is shown, and of those behind it. */
const SHOWN = 0.75;
const BEHIND = 0.09;
const SEEDS = 1000;

export function doodleRoom(app) {
  const own = app.settings.doodle;
  const endings = new Endings(app, () => own.ghosts && app.room === room);
  const guesses = new Guesses(app, setWord, () => app.room === room);
  const model = new ModelPen(app);
  const askSoon = soon(() => ask(), REST);

  const word = wordField(app, "Word", own.word, (text) => change({ word: text }), {
    placeholder: "what is it to be?",
  });
  const good = h("p.note.words");
  const heat = slider("Temperature", {
    min: 0,
    max: 1.2,
    step: 0.05,
    value: own.temperature ?? USUAL,
    show: (t) => (t < 0.2 ? `${t} · sure` : t > 0.75 ? `${t} · wild` : String(t)),
    input: (temperature) => change({ temperature }),
    hint: "Low is what is likeliest, high is full of surprises",
  });
  const count = slider("Endings", {
    min: 1,
    max: 9,
    step: 1,
    value: own.n,
    input: (n) => change({ n }),
  });
  const seed = seedField(own.seed, (number) => change({ seed: number }));
  const ghosts = check("Ghosts while the pen rests", own.ghosts, (on) => change({ ghosts: on }));
  const other = wordField(app, "Draw it as", own.mimic, (text) => (own.mimic = text), {
    placeholder: "rabbit, teapot …",
  });
  const surprise = button("Surprise me", () => model.surprise(own.word, own.temperature), {
    sign: SIGNS.star,
    kind: "wide",
    key: "R",
    title: "A whole drawing (R)",
  });
  const mimic = button("Draw", () => (own.mimic ? model.mimic(own.mimic) : other.box.focus()), {
    kind: "quiet",
  });

  function change(settings) {
    Object.assign(own, settings);
    app.remember();
    endings.clear();
    askSoon();
  }

  function setWord(text) {
    word.box.value = text;
    change({ word: text });
  }

  /** Asks for endings of what is on the sheet, unless the pen is down. */
  function ask() {
    if (!own.ghosts || app.stage.isDrawing || app.room !== room) return;
    const points = visibleStrokes(app.doc).reduce((sum, stroke) => sum + stroke.points.length, 0);
    if (points < 2) return;
    const { n, temperature } = own;
    const how = { word: own.word || null, n, temperature, seed: own.seed };
    endings.ask({ drawing: drawingOf(app.doc), ...how, max_points: MOST_POINTS });
  }

  function keep(index) {
    const strokes = endings.strokesOf(index);
    if (!strokes?.length) return false;
    const { color, width, layer } = visibleStrokes(app.doc).at(-1);
    const pen = { color, width, layer, from: "ending" };
    const kept = strokes.map(({ points }) => makeStroke({ points, ...pen }));
    const doc = { ...app.doc, word: endings.word ?? app.doc.word };
    own.seed = (own.seed + 1) % SEEDS; // the next endings are others
    seed.set(own.seed);
    app.commit(addStrokes(doc, kept), "ending");
    app.say.speak(`Ending ${index + 1} kept`);
    return true;
  }

  function others() {
    own.seed = newSeed() % SEEDS;
    seed.set(own.seed);
    change({});
    return true;
  }

  function showGood() {
    const known = app.about?.good_words ?? [];
    const liked = FAVOURITES.filter((one) => known.includes(one));
    const words = [...liked, ...known.filter((one) => !liked.includes(one))].slice(0, GOOD);
    good.hidden = words.length === 0;
    const links = words.flatMap((name) => [
      " ",
      button(name, () => setWord(name), { kind: "word" }),
    ]);
    good.replaceChildren("Draws well:", ...links);
  }

  function paintGhosts(context) {
    if (app.room !== room || app.stage.isDrawing) return;
    const { accent } = app.paper.colors;
    const { width } = app.settings.pen;
    for (const { strokes, index, share } of endings.shown()) {
      const alpha = index === endings.chosen ? SHOWN : BEHIND;
      const ghost = strokes.map((stroke) => withWidth(stroke, width));
      drawShare(context, ghost, share, { color: accent, alpha, ink: accent });
    }
  }

  const room = {
    name: "doodle",
    title: "Doodle",
    shortcut: "Alt 1",
    panel: h(
      "div.room-panel",
      {},
      group(null, word, good, ghosts, count, heat, seed),
      group(
        "Or let it draw",
        surprise,
        h("div.row.join", {}, other, mimic),
        model.progress.element,
      ),
      group("It looks like", guesses.list, guesses.note),
    ),
    strip: endings.element,
    keys: [
      ["1 … 9", "Keep that ending"],
      ["Enter", "Keep the one shown"],
      [", .", "Show the ending before, the next"],
      ["N", "Other endings"],
      ["R", "Surprise me"],
    ],
    enter() {
      askSoon();
      guesses.askSoon();
    },
    leave() {
      endings.clear();
      app.live.cancelSlot("complete");
    },
    aboutChanged() {
      fillList(app);
      endings.note(app.about?.models.sketcher.sentence ?? null);
      showGood();
      if (endings.count === 0) askSoon();
      guesses.askSoon();
    },
    serverGone: () => endings.clear(),
    serverBack() {
      askSoon();
      guesses.askSoon();
    },
    changed() {
      endings.clear();
      askSoon();
      guesses.askSoon();
    },
    penDown() {
      askSoon.never();
      endings.clear();
    },
    penUp: askSoon,
    hint: (doc) =>
      doc.strokes.length
        ? null
        : [
            h("strong", {}, "Draw the beginning of something."),
            h("span", {}, "When the pen rests, the drawing goes on by itself."),
          ],
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return false;
      const key = event.key.toLowerCase();
      const onSheet = event.target === document.body || event.target.id === "stage";
      if (/^[1-9]$/.test(key)) return keep(Number(key) - 1);
      if (key === "enter" && onSheet && endings.chosen !== null) return keep(endings.chosen);
      if (key === ".") return endings.step(1);
      if (key === ",") return endings.step(-1);
      if (key === "n") return others();
      if (key !== "r") return false;
      model.surprise(own.word, own.temperature);
      return true;
    },
  };
  endings.keep = keep;
  endings.changed = () => app.paper.refresh();
  app.paper.live.push(paintGhosts);
  return room;
}

// A ghost is as wide as the pen that would keep it; kept, so that its path is made once.
const widened = new WeakMap();

function withWidth(stroke, width) {
  let made = widened.get(stroke);
  if (made?.width !== width) {
    made = { ...stroke, width };
    widened.set(stroke, made);
  }
  return made;
}
