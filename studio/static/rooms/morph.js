/** Morph: what lies between two doodles, or four; drawn, taken from the sheet, opened or sampled. */

import { addStrokes, makeStroke } from "../document.js";
import { DRAWINGS, chooseFiles } from "../files.js";
import { SIGNS } from "../icons.js";
import { Morphing } from "../morphing.js";
import { PAD, Pad } from "../pad.js";
import { emptiest, intoBox } from "../placing.js";
import { Progress, tellError, track } from "../progress.js";
import { openFile } from "../requests.js";
import { drawThumbnail, thumbnail } from "../thumbs.js";
import {
  button,
  choice,
  group,
  h,
  newSeed,
  reducedMotion,
  seedField,
  signButton,
  slider,
} from "../ui.js";
import { fillList, wordField } from "../words.js";
import { drawingOf, strokesOf } from "../wire.js";

const NAMES = ["A", "B", "C", "D"];
/** Drawings a second when played. */
const SPEED = 9;
const MOST_GRID = 9;
/** px around a sampled drawing on its pad. */
const PAD_FREE = 24;

export function morphRoom(app) {
  const own = app.settings.morph;
  const progress = new Progress();
  const morphing = new Morphing(app, progress);
  const corners = NAMES.map((name, i) => corner(name, i));
  const result = thumbnail(440);
  const cells = h("div.cells", { role: "group", "aria-label": "All drawings between" });
  const way = slider("From A to B", {
    min: 0,
    max: 1,
    step: 0.01,
    value: own.at[0],
    show: (t) => `${Math.round(t * 100)} %`,
    input: (t) => go([t, own.at[1]]),
  });
  const play = button("Play", () => (playing ? stop() : start()), {
    sign: SIGNS.play,
    kind: "main",
    key: "P",
    title: "Play (P)",
  });
  let playing = 0;

  const steps = slider("Steps", {
    min: 3,
    max: 24,
    step: 1,
    value: own.steps,
    input: (n) => {
      own.steps = n;
      want();
    },
  });
  const seed = seedField(own.seed, (number) => {
    own.seed = number;
    want();
  });
  const four = choice(
    "Between",
    [
      ["2", "two drawings: a strip"],
      ["4", "four drawings: a grid"],
    ],
    own.four ? "4" : "2",
    (n) => {
      own.four = n === "4";
      shape();
      fillEmpty();
      want();
    },
  );
  const panel = h(
    "div.room-panel",
    {},
    group(null, four, steps, seed, progress.element),
    group(
      "This one",
      button("Put it on the sheet", toSheet, { sign: SIGNS.paper, kind: "wide" }),
      h("p.note", {}, "The ends come out as the model reads them; what you drew stays as it is."),
    ),
  );
  const waiting = h("p.pad-hint");
  const frame = h("div.morph-result", {}, result, waiting);
  const beside = h(
    "div.morph",
    {},
    corners.map(({ element }) => element),
    cells,
    h("div.morph-middle", {}, frame, h("div.morph-way", {}, play, way)),
  );

  /** One of the ends: a pad, its word, and where it may come from. */
  function corner(name, i) {
    const pad = new Pad(app, `Drawing ${name}`, (stroke) => {
      const before = app.doc.corners[i];
      put(
        i,
        {
          size: before?.size ?? [PAD, PAD],
          label: before?.label ?? null,
          strokes: [...(before?.strokes ?? []), stroke],
        },
        "stroke",
      );
    });
    const word = wordField(
      app,
      `${name} is a`,
      app.doc.corners[i]?.label ?? "",
      (text) => {
        const now = app.doc.corners[i];
        if (now && (now.label ?? "") !== text) put(i, { ...now, label: text || null }, "word");
        own.words[i] = text || own.words[i];
      },
      { placeholder: "cat, house …" },
    );
    const element = h(
      `div.corner.corner-${name.toLowerCase()}`,
      {},
      pad.element,
      word,
      h(
        "div.corner-row",
        {},
        signButton(`${name}: draw one for me`, SIGNS.dice, () => sample(i), { kind: "sign" }),
        signButton(`${name}: from the sheet`, SIGNS.paper, () => fromSheet(i)),
        signButton(`${name}: open a file`, SIGNS.open, () =>
          chooseFiles(app, { accept: DRAWINGS, act: (file) => fromFile(i, file) }),
        ),
        signButton(`${name}: clear`, SIGNS.trash, () => put(i, null, "clearing")),
      ),
    );
    return { element, pad, word };
  }

  function put(i, drawing, what, options) {
    const list = app.doc.corners.map((one, k) => (k === i ? drawing : one));
    app.commit({ ...app.doc, corners: list }, `${what} in ${NAMES[i]}`, options);
  }

  async function sample(i, options) {
    const word = corners[i].word.box.value.trim() || own.words[i];
    const request = app.live.ask(
      "sample",
      { word, n: 1, seed: newSeed() },
      { slot: `corner-${i}` },
    );
    try {
      const { drawings } = await request;
      const strokes = intoBox(strokesOf(drawings[0], "ending"), [
        PAD_FREE,
        PAD_FREE,
        PAD - PAD_FREE,
        PAD - PAD_FREE,
      ]);
      put(i, { size: [PAD, PAD], label: drawings[0].label ?? word, strokes }, "drawing", options);
    } catch (error) {
      tellError(app, error);
    }
  }

  function fromSheet(i, options) {
    if (app.doc.strokes.length === 0)
      return app.say.show("The sheet is empty: draw on it in the Doodle room, or draw right here.");
    const { label } = drawingOf(app.doc);
    const word = label ?? (corners[i].word.box.value.trim() || null);
    return put(
      i,
      { size: app.doc.size, label: word, strokes: app.doc.strokes },
      "taking the sheet",
      options,
    );
  }

  async function fromFile(i, file) {
    const opened = await track(app, openFile(app.token, file), `Opening ${file.name}`);
    if (opened?.kind !== "drawings")
      return (
        opened &&
        app.say.error(`${file.name} is a picture; its strokes come out in the Clean room.`)
      );
    const [drawing] = opened.drawings;
    return put(
      i,
      { ...drawing, label: drawing.label ?? null, strokes: strokesOf(drawing, "file") },
      "opening a file",
    );
  }

  /** A room that was never used shows at once what it does. */
  function fillEmpty() {
    if (app.about?.models.sketcher.state !== "ready" || app.room !== room) return;
    const list = own.four ? [0, 1, 2, 3] : [0, 1];
    if (list.some((i) => app.doc.corners[i]) && !own.four) return;
    const started = { merge: "first-corners" };
    if (!app.doc.corners[0] && app.doc.strokes.length && app.doc.word) fromSheet(0, started);
    for (const i of list) if (!app.doc.corners[i]) sample(i, started);
  }

  function shape() {
    beside.classList.toggle("four", own.four);
    steps.range.max = own.four ? MOST_GRID : 24;
    if (own.four && own.steps > MOST_GRID) {
      own.steps = 5;
      steps.set(5);
    }
    way.hidden = own.four;
    app.remember();
  }

  function want() {
    const ends = (own.four ? app.doc.corners : app.doc.corners.slice(0, 2)).map(
      (one) =>
        one && {
          ...drawingOf(
            { ...app.doc, size: one.size, word: one.label, layers: [app.doc.layers[0]] },
            one.strokes,
          ),
        },
    );
    morphing.want(ends.every((one) => one?.strokes.length) ? ends : null, own.steps, own.seed);
    app.remember();
  }

  function go(at) {
    own.at = at;
    way.set(at[0]);
    show();
    app.remember();
  }

  function show() {
    const drawing = morphing.at(own.four ? own.at : [own.at[0], 0]);
    const [width, height] = morphing.size;
    drawThumbnail(result, drawing ? [{ strokes: drawing.strokes }] : [], {
      box: [0, 0, width, height],
      width: 2.6,
      ink: app.paper.colors.ink,
      free: 0.04,
    });
    waiting.textContent = drawing
      ? ""
      : morphing.wanted
        ? "Drawing …"
        : "Both ends make what stands here.";
    const columns = morphing.rows[0]?.length ?? 1;
    const x = Math.round(own.at[0] * (columns - 1));
    const y = own.four ? Math.round(own.at[1] * (morphing.rows.length - 1)) : 0;
    [...cells.children].forEach((cell, i) =>
      cell.setAttribute("aria-current", String(i === y * columns + x)),
    );
  }

  function showCells() {
    const { rows, size } = morphing;
    const ink = app.paper.colors.ink;
    cells.style.setProperty("--columns", String(rows[0]?.length ?? 1));
    const ones = rows.flatMap((row, y) =>
      row.map((drawing, x) => {
        const canvas = thumbnail(own.four ? 56 : 72);
        drawThumbnail(canvas, [{ strokes: drawing.strokes }], {
          box: [0, 0, ...size],
          width: 1.1,
          ink,
          free: 0.06,
        });
        const at = [
          row.length > 1 ? x / (row.length - 1) : 0,
          rows.length > 1 ? y / (rows.length - 1) : 0,
        ];
        const name = own.four ? `Row ${y + 1}, column ${x + 1}` : `Step ${x + 1} of ${row.length}`;
        return h(
          "button.cell",
          {
            type: "button",
            "aria-label": name,
            on: {
              click: () => go(at),
              pointerenter: (event) => event.buttons && go(at),
              focus: () => go(at),
            },
          },
          canvas,
        );
      }),
    );
    cells.replaceChildren(...ones);
    show();
  }

  function start() {
    if (morphing.rows.length === 0) return app.say.show("Draw, sample or open both ends first.");
    play.replaceChildren(...button("Stop", null, { sign: SIGNS.pause }).childNodes);
    const columns = morphing.rows[0].length;
    const began = performance.now() - own.at[0] * (columns - 1) * (1000 / SPEED);
    const step = (now) => {
      // There and back; over four, once around the grid.
      const turn = ((now - began) * SPEED) / 1000 / Math.max(1, columns - 1);
      go(own.four ? around(turn / 2) : [Math.abs(((turn + 1) % 2) - 1), own.at[1]]);
      playing = requestAnimationFrame(step);
    };
    playing = requestAnimationFrame(step);
    if (reducedMotion()) app.say.speak("Playing");
    return undefined;
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    play.replaceChildren(...button("Play", null, { sign: SIGNS.play }).childNodes);
  }

  function toSheet() {
    const drawing = morphing.at(own.four ? own.at : [own.at[0], 0]);
    if (!drawing) return app.say.show("There is nothing between the ends yet.");
    const { color, width } = app.settings.pen;
    const strokes = strokesOf(drawing, "ending").map((stroke) =>
      makeStroke({ points: stroke.points, color, width, from: "ending" }),
    );
    app.commit(
      addStrokes(app.doc, intoBox(strokes, emptiest(app.doc.strokes, app.doc.size))),
      "drawing from Morph",
    );
    return app.say.show("It is on the sheet.", {
      act: { name: "Look", run: () => app.enter("doodle") },
    });
  }

  const room = {
    name: "morph",
    title: "Morph",
    shortcut: "Alt 2",
    panel,
    beside,
    ownStage: true,
    keys: [
      ["P", "Play or stop"],
      ["← →", "One step on the slider"],
    ],
    sources: () => {
      const drawings = morphing.rows.flat();
      if (drawings.length === 0) return [];
      const now = morphing.at(own.four ? own.at : [own.at[0], 0]);
      return [
        {
          name: `${own.four ? "The grid" : "The strip"}: ${drawings.length} drawings`,
          drawings,
          word: "morph",
        },
        { name: "The one shown", drawings: [now], word: "between" },
      ];
    },
    enter() {
      shape();
      fillEmpty();
    },
    leave() {
      if (playing) stop();
    },
    aboutChanged() {
      fillList(app);
      fillEmpty();
      const { sketcher } = app.about?.models ?? {};
      if (sketcher?.sentence) app.say.show(sketcher.sentence);
    },
    serverBack: () => morphing.again(),
    changed(doc) {
      corners.forEach(({ pad, word }, i) => {
        pad.show(doc.corners[i], "Draw here");
        if (document.activeElement !== word.box) word.box.value = doc.corners[i]?.label ?? "";
      });
      want();
    },
    takeDrawings(drawings) {
      drawings.slice(0, own.four ? 4 : 2).forEach((drawing, k) => {
        const i = drawings.length === 1 && app.doc.corners[0] && !app.doc.corners[1] ? 1 : k;
        put(
          i,
          { ...drawing, label: drawing.label ?? null, strokes: strokesOf(drawing, "file") },
          "opening a file",
        );
      });
    },
    key(event) {
      if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey)
        return false;
      if (playing) stop();
      else start();
      return true;
    },
  };
  morphing.addEventListener("change", showCells);
  return room;
}

/** A way once around a square, by t in turns. */
function around(t) {
  const angle = 2 * Math.PI * t;
  const far = 0.5 / Math.max(Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle)));
  return [0.5 - far * Math.cos(angle), 0.5 - far * Math.sin(angle)];
}
