/** Morph: what lies between two doodles, or four; drawn, taken from the sheet, opened or sampled. */

import { Corner } from "../corner.js";
import { CORNERS, addStrokes, makeStroke } from "../document.js";
import { SIGNS } from "../icons.js";
import { Morphing } from "../morphing.js";
import { emptiest, intoBox } from "../placing.js";
import { Progress } from "../progress.js";
import { drawThumbnail, thumbnail } from "../thumbs.js";
import { button, choice, group, h, seedField, slider } from "../ui.js";
import { fillList } from "../words.js";

/** Drawings a second when played. */
const SPEED = 9;
const MOST = { strip: 24, grid: 9 };
/** Steps of a first grid: 25 drawings, as many as a strip draws in the same time. */
const FIRST_GRID = 5;
/** CSS px of the result, a cell of the strip and one of the grid. */
const SIZES = { result: 440, strip: 72, grid: 56 };

export function morphRoom(app) {
  const own = app.settings.morph;
  const progress = new Progress();
  const morphing = new Morphing(app, progress);
  const corners = Array.from({ length: CORNERS }, (_, i) => new Corner(app, i));
  const result = thumbnail(SIZES.result);
  const waiting = h("p.pad-hint");
  const cells = h("div.cells", { role: "group", "aria-label": "All drawings between" });
  let playing = 0;

  const way = slider("From A to B", {
    min: 0,
    max: 1,
    step: 0.01,
    value: own.at[0],
    show: (t) => `${Math.round(t * 100)} %`,
    input: (t) => go([t, own.at[1]]),
  });
  const play = button("Play", turn, {
    sign: SIGNS.play,
    kind: "main",
    key: "P",
    title: "Play (P)",
  });
  const steps = slider("Steps", {
    min: 3,
    max: MOST.strip,
    step: 1,
    value: own.steps,
    input: (n) => want({ steps: n }),
  });
  const seed = seedField(own.seed, (number) => want({ seed: number }));
  const ways = [
    ["2", "two drawings: a strip"],
    ["4", "four drawings: a grid"],
  ];
  const between = choice("Between", ways, own.four ? "4" : "2", (n) => {
    own.four = n === "4";
    shape();
    fillEmpty();
    want({});
  });
  const beside = h(
    "div.morph",
    {},
    corners.map(({ element }) => element),
    cells,
    h(
      "div.morph-middle",
      {},
      h("div.morph-result", {}, result, waiting),
      h("div.morph-way", {}, play, way),
    ),
  );

  const used = () => (own.four ? corners : corners.slice(0, 2));
  const current = () => morphing.at(own.four ? own.at : [own.at[0], 0]);

  /** A room that was never used shows at once what it does: empty ends are drawn by the model. */
  function fillEmpty() {
    if (app.about?.models.sketcher.state !== "ready" || app.room !== room) return;
    const list = used();
    if (list.every(({ drawing }) => drawing)) return;
    if (!own.four && list.some(({ drawing }) => drawing)) return;
    const first = { merge: "first-corners" };
    if (!list[0].drawing && app.doc.strokes.length && app.doc.word) list[0].fromSheet(first);
    for (const corner of list) if (!corner.drawing) corner.sample(first);
  }

  function shape() {
    beside.classList.toggle("four", own.four);
    steps.range.max = own.four ? MOST.grid : MOST.strip;
    if (own.four && own.steps > MOST.grid) own.steps = FIRST_GRID;
    steps.set(own.steps);
    way.hidden = own.four;
    app.remember();
  }

  function want(change) {
    Object.assign(own, change);
    const ends = used().map((corner) => corner.wire);
    morphing.want(ends.every(Boolean) ? ends : null, own.steps, own.seed);
    app.remember();
    show();
  }

  function go(at) {
    own.at = at;
    way.set(at[0]);
    show();
    app.remember();
  }

  function show() {
    const drawing = current();
    const groups = drawing ? [{ strokes: drawing.strokes }] : [];
    const { ink } = app.paper.colors;
    drawThumbnail(result, groups, { box: [0, 0, ...morphing.size], width: 2.6, ink, free: 0.04 });
    const missing = used().filter((corner) => !corner.drawing);
    const names = missing.map(({ name }) => name).join(" and ");
    const wait = missing.length ? `Draw ${names}, or let ${names} be drawn.` : "Drawing …";
    waiting.textContent = drawing ? "" : wait;
    const columns = morphing.rows[0]?.length ?? 1;
    const x = Math.round(own.at[0] * (columns - 1));
    const y = own.four ? Math.round(own.at[1] * (morphing.rows.length - 1)) : 0;
    [...cells.children].forEach((cell, i) =>
      cell.setAttribute("aria-current", String(i === y * columns + x)),
    );
  }

  function showCells() {
    const { rows } = morphing;
    cells.style.setProperty("--columns", String(rows[0]?.length ?? 1));
    const place = (k, list) => (list.length > 1 ? k / (list.length - 1) : 0);
    const all = rows.flatMap((row, y) =>
      row.map((drawing, x) => cell(drawing, [place(x, row), place(y, rows)], x, y)),
    );
    cells.replaceChildren(...all);
    show();
  }

  function cell(drawing, at, x, y) {
    const canvas = thumbnail(own.four ? SIZES.grid : SIZES.strip);
    const { ink } = app.paper.colors;
    const style = { box: [0, 0, ...morphing.size], width: 1.1, ink, free: 0.06 };
    drawThumbnail(canvas, [{ strokes: drawing.strokes }], style);
    const name = own.four ? `Row ${y + 1}, column ${x + 1}` : `Step ${x + 1}`;
    const on = {
      click: () => go(at),
      focus: () => go(at),
      pointerenter: (event) => event.buttons && go(at),
    };
    return h("button.cell", { type: "button", "aria-label": name, on }, canvas);
  }

  function turn() {
    if (playing) stop();
    else if (morphing.rows.length) start();
    else app.say.show("Both ends are needed first.");
  }

  function start() {
    const columns = morphing.rows[0].length;
    const one = 1000 * Math.max(1, columns - 1);
    const began = performance.now() - (own.at[0] * one) / SPEED;
    const step = (now) => {
      const t = ((now - began) * SPEED) / one;
      // Of two: there and back. Of four: around the grid.
      go(own.four ? around(t / 2) : [1 - Math.abs(1 - (t % 2)), own.at[1]]);
      playing = requestAnimationFrame(step);
    };
    playing = requestAnimationFrame(step);
    showPlay("Stop", SIGNS.pause);
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = 0;
    showPlay("Play", SIGNS.play);
  }

  function showPlay(words, sign) {
    play.replaceChildren(...button(words, null, { sign }).childNodes);
  }

  function toSheet() {
    const drawing = current();
    if (!drawing) {
      app.say.show("There is nothing between the ends yet.");
      return;
    }
    const { color, width } = app.settings.pen;
    const strokes = drawing.strokes.map(({ points }) =>
      makeStroke({ points, color, width, from: "ending" }),
    );
    const box = emptiest(app.doc.strokes, app.doc.size);
    app.commit(addStrokes(app.doc, intoBox(strokes, box)), "drawing from Morph");
    const look = { name: "Look", run: () => app.enter("doodle") };
    app.say.show("It is on the sheet.", { act: look });
  }

  const room = {
    name: "morph",
    title: "Morph",
    shortcut: "Alt 2",
    panel: h(
      "div.room-panel",
      {},
      group(null, between, steps, seed, progress.element),
      group(
        "This one",
        button("Put it on the sheet", toSheet, { sign: SIGNS.paper, kind: "wide" }),
        h("p.note", {}, "The ends come out as the model reads them; what you drew stays as it is."),
      ),
    ),
    beside,
    ownStage: true,
    keys: [
      ["P", "Play or stop"],
      ["← →", "One step on the slider"],
    ],
    sources() {
      const drawings = morphing.rows.flat();
      if (drawings.length === 0) return [];
      const name = `${own.four ? "The grid" : "The strip"}: ${drawings.length} drawings`;
      return [
        { name, drawings, word: "morph" },
        { name: "The one shown", drawings: [current()], word: "between" },
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
      const { sentence } = app.about?.models.sketcher ?? {};
      if (sentence) app.say.show(sentence);
    },
    serverBack() {
      fillEmpty();
      morphing.again();
    },
    changed() {
      for (const corner of corners) corner.show();
      want({});
    },
    takeDrawings(drawings) {
      const free = used().filter((corner) => !corner.drawing);
      const places = drawings.length === 1 && free.length ? free : used();
      places.forEach((corner, k) => drawings[k] && corner.take(drawings[k]));
    },
    key(event) {
      if (event.key.toLowerCase() !== "p" || event.ctrlKey || event.metaKey || event.altKey) {
        return false;
      }
      turn();
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
