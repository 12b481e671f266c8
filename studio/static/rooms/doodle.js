/**
 * Doodle: while the pen rests, ghosts of how the drawing might go on appear; a key or a tap keeps one.
 */

import { addStrokes, makeStroke, visibleStrokes } from "../document.js";
import { Endings } from "../endings.js";
import { emptiest, intoBox } from "../placing.js";
import { drawShare } from "../ink.js";
import { SIGNS } from "../icons.js";
import { Progress, tellError } from "../progress.js";
import { button, check, group, h, newSeed, seedField, slider, soon } from "../ui.js";
import { fillList, wordField } from "../words.js";
import { drawingOf, strokesOf } from "../wire.js";

/** ms that the pen rests before ghosts are asked for. */
const REST = 60;
const RECOGNISE_REST = 250;
const MOST_POINTS = 120;
/** The temperature that the slider shows for "the model's own". */
const USUAL = 0.4;

export function doodleRoom(app) {
  const own = app.settings.doodle;
  const endings = new Endings(app, () => own.ghosts && app.room === room);
  const progress = new Progress();
  const guesses = h("ol.guesses", { "aria-label": "What the recogniser sees" });
  const guessNote = h("p.note");
  let dirty = true;

  const word = wordField(
    app,
    "Word",
    own.word,
    (text) => {
      own.word = text;
      changedSetting();
    },
    { placeholder: "what is it to be?" },
  );
  const mimicWord = wordField(
    app,
    "Draw it as",
    own.mimic,
    (text) => {
      own.mimic = text;
      app.remember();
    },
    { placeholder: "rabbit, teapot …" },
  );
  const count = slider("Endings", {
    min: 1,
    max: 9,
    step: 1,
    value: own.n,
    input: (n) => {
      own.n = n;
      changedSetting();
    },
  });
  const heat = slider("Temperature", {
    min: 0,
    max: 1.2,
    step: 0.05,
    value: own.temperature ?? USUAL,
    show: (t) => (t < 0.2 ? `${t} · sure` : t > 0.75 ? `${t} · wild` : String(t)),
    input: (t) => {
      own.temperature = t;
      changedSetting();
    },
    hint: "Low is what is likeliest, high is full of surprises",
  });
  const seed = seedField(own.seed, (number) => {
    own.seed = number;
    changedSetting();
  });
  const ghosts = check("Ghost endings while the pen rests", own.ghosts, (on) => {
    own.ghosts = on;
    if (on) ask();
    else endings.clear();
    app.remember();
  });

  const panel = h(
    "div.room-panel",
    {},
    group(null, word, h("p.note.words", {}, "Good ones: "), ghosts, count, heat, seed),
    group(
      "Or let it draw",
      button("Surprise me", surprise, {
        sign: SIGNS.star,
        kind: "wide",
        key: "R",
        title: "A whole drawing (R)",
      }),
      h("div.row.join", {}, mimicWord, button("Draw", mimic, { kind: "quiet" })),
      progress.element,
    ),
    group("It looks like", guesses, guessNote),
  );
  const goodWords = panel.querySelector(".words");

  const askSoon = soon(() => ask(), REST);
  const recogniseSoon = soon(() => recognise(), RECOGNISE_REST);

  function changedSetting() {
    app.remember();
    endings.clear();
    askSoon();
  }

  /** Asks for endings of what is on the sheet, unless the pen is down. */
  function ask() {
    if (!own.ghosts || app.stage.isDrawing || app.room !== room) return;
    const strokes = visibleStrokes(app.doc);
    if (strokes.reduce((sum, { points }) => sum + points.length, 0) < 2) return endings.clear();
    dirty = false;
    const drawing = drawingOf(app.doc);
    endings.ask({
      drawing,
      word: own.word || null,
      n: own.n,
      temperature: own.temperature,
      seed: own.seed,
      max_points: MOST_POINTS,
    });
  }

  function keep(index) {
    const strokes = endings.strokesOf(index);
    if (!strokes?.length) return false;
    const last = visibleStrokes(app.doc).at(-1);
    const kept = strokes.map(({ points }) =>
      makeStroke({
        points,
        color: last.color,
        width: last.width,
        layer: last.layer,
        from: "ending",
      }),
    );
    const doc = { ...app.doc, word: endings.word ?? app.doc.word };
    endings.clear();
    own.seed = (own.seed + 1) % 1_000_000_000; // the next ones are others
    seed.set(own.seed);
    app.commit(addStrokes(doc, kept), "ending");
    app.say.speak(`Ending ${index + 1} kept`);
    return true;
  }
  endings.keep = keep;
  endings.again = () => {
    own.seed = newSeed() % 1000;
    seed.set(own.seed);
    changedSetting();
  };

  async function surprise() {
    const made = await asked(
      "sample",
      { word: own.word || null, n: 1, temperature: own.temperature, seed: newSeed() },
      "Drawing",
    );
    if (!made) return;
    place(made.drawings[0], made.word, "surprise");
    app.say.show(`${article(made.word)}.`, {
      act: {
        name: "Another one",
        run: () => {
          app.undo();
          surprise();
        },
      },
    });
  }

  /** A drawing onto the sheet: large where it is empty, else where there is most room. */
  function place(drawing, word, what) {
    const { doc } = app;
    const { color, width } = app.settings.pen;
    const strokes = strokesOf(drawing, "ending").map((stroke) => ({ ...stroke, color, width }));
    const box = emptiest(visibleStrokes(doc), doc.size);
    const label = doc.strokes.length ? doc.word : word;
    app.commit(addStrokes({ ...doc, word: label }, intoBox(strokes, box)), what);
  }

  async function mimic() {
    if (!own.mimic) return mimicWord.box.focus();
    if (visibleStrokes(app.doc).length === 0)
      return app.say.show("Draw something first; it is then drawn again as another word.");
    const made = await asked(
      "mimic",
      { drawing: drawingOf(app.doc), word: own.mimic, n: 1, temperature: null, seed: newSeed() },
      "Drawing",
    );
    if (!made) return;
    const strokes = strokesOf(made.drawings[0], "ending").map((stroke) => ({
      ...stroke,
      width: app.settings.pen.width,
      color: app.settings.pen.color,
    }));
    app.commit({ ...app.doc, strokes, word: made.word }, `drawing it as ${made.word}`);
    app.say.show(`Drawn as ${article(made.word).toLowerCase()}.`, {
      act: { name: "Undo", run: () => app.undo() },
    });
  }

  async function asked(type, fields, words) {
    const request = app.live.ask(type, fields, {
      slot: "doodle-draw",
      on: (message) => message.type === "progress" && progress.tell(message),
    });
    progress.begin(words, () => request.cancel());
    try {
      return await request;
    } catch (error) {
      tellError(app, error);
      return null;
    } finally {
      progress.end();
    }
  }

  async function recognise() {
    const model = app.about?.models.recogniser;
    if (!model || app.room !== room) return;
    if (model.state === "missing" || model.state === "failed") {
      guesses.replaceChildren();
      guessNote.textContent = model.sentence;
      return;
    }
    if (visibleStrokes(app.doc).length === 0) {
      guesses.replaceChildren();
      guessNote.textContent = "Nothing yet.";
      return;
    }
    try {
      const { objects } = await app.live.ask("recognise", {
        drawing: drawingOf(app.doc),
        k: 4,
        scene: false,
      });
      showGuesses(objects[0]?.answers ?? []);
    } catch {
      // A newer drawing was asked about, or the server is gone: what is seen stays.
    }
  }

  function showGuesses(answers) {
    guessNote.textContent = answers.length ? "" : "Nothing yet.";
    guesses.replaceChildren(
      ...answers.map(({ word: name, confidence }) => {
        const row = h(
          "button.guess",
          {
            type: "button",
            title: `Finish it as ${name}`,
            on: {
              click: () => {
                own.word = name;
                word.box.value = name;
                changedSetting();
              },
            },
          },
          h("span", {}, name),
          h("span.sure", {}, `${Math.round(confidence * 100)} %`),
        );
        row.style.setProperty("--sure", String(confidence));
        return h("li", {}, row);
      }),
    );
    if (answers[0]?.confidence > 0.5)
      app.say.speak(`It looks like ${article(answers[0].word).toLowerCase()}`);
  }

  function paintGhosts(context) {
    if (app.stage.isDrawing) return;
    const { accent } = app.paper.colors;
    const width = app.settings.pen.width;
    for (const { strokes, index, share } of endings.shown()) {
      const chosen = index === endings.chosen;
      drawShare(
        context,
        strokes.map((stroke) => withWidth(stroke, width)),
        share,
        { color: accent, alpha: chosen ? 0.75 : 0.09, ink: accent },
      );
    }
  }

  const room = {
    name: "doodle",
    title: "Doodle",
    shortcut: "Alt 1",
    panel,
    strip: endings.element,
    keys: [
      ["1 … 9", "Keep that ending"],
      ["Enter", "Keep the one shown"],
      ["Tab", "Show the next ending"],
      ["N", "Other endings"],
      ["R", "Surprise me"],
    ],
    sources: () => [],
    enter() {
      app.paper.covered = 0;
      dirty = true;
      askSoon();
      recogniseSoon();
    },
    leave() {
      endings.clear();
      app.live.cancelSlot("complete");
    },
    aboutChanged() {
      fillList(app);
      const { sketcher } = app.about?.models ?? {};
      if (sketcher?.sentence) endings.note(sketcher.sentence);
      const good = app.about?.good_words ?? [];
      goodWords.replaceChildren(
        "Good ones: ",
        ...sparse(good, 6).flatMap((name, i) => [
          i ? ", " : "",
          button(
            name,
            () => {
              own.word = name;
              word.box.value = name;
              changedSetting();
            },
            { kind: "word" },
          ),
        ]),
      );
      goodWords.hidden = good.length === 0;
      if (dirty) askSoon();
      recogniseSoon();
    },
    serverGone: () => endings.clear(),
    serverBack() {
      askSoon();
      recogniseSoon();
    },
    changed() {
      endings.clear();
      dirty = true;
      askSoon();
      recogniseSoon();
    },
    penDown() {
      askSoon.never();
      endings.clear();
    },
    penUp: () => askSoon(),
    hint: (doc) =>
      doc.strokes.length
        ? null
        : [
            h("strong", {}, "Draw the beginning of something."),
            h("span", {}, "When the pen rests, the drawing goes on by itself."),
          ],
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return false;
      if (/^[1-9]$/.test(event.key)) return keep(Number(event.key) - 1);
      if (
        event.key === "Enter" &&
        endings.chosen !== null &&
        (event.target === document.body || event.target.id === "stage")
      )
        return keep(endings.chosen);
      if (
        event.key === "Tab" &&
        event.target.id === "stage" &&
        endings.count > 1 &&
        !event.shiftKey
      )
        return endings.next();
      if (event.key.toLowerCase() === "n") return endings.again() ?? true;
      if (event.key.toLowerCase() === "r") return surprise() && true;
      return false;
    },
  };
  app.paper.live.push((context) => app.room === room && paintGhosts(context));
  endings.changed = () => app.paper.refresh();
  return room;
}

const widths = new WeakMap();

function withWidth(stroke, width) {
  let made = widths.get(stroke);
  if (made?.width !== width) {
    made = { ...stroke, width };
    widths.set(stroke, made);
  }
  return made;
}

const article = (word) => `${/^[aeiou]/i.test(word) ? "An" : "A"} ${word}`;

/** n of a list, spread over it. */
const sparse = (list, n) =>
  list
    .filter((_, i) => Math.floor((i * n) / list.length) !== Math.floor(((i - 1) * n) / list.length))
    .slice(0, n);
