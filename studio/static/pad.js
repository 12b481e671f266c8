/** A small sheet to draw on: a corner of the Morph room. Strokes in px of a square of 256. */

import { makeStroke } from "./document.js";
import { boxOf, distance } from "./geometry.js";
import { Pen } from "./pen.js";
import { drawThumbnail, thumbnail } from "./thumbs.js";
import { h } from "./ui.js";

export const PAD = 256;
const SHOWN = 180;
const NEAR = 1;
/** Around a drawing that was made elsewhere, a share of it. */
const FREE = 0.1;

export class Pad {
  #line = null;
  #strokes = [];
  #size = [PAD, PAD];

  /** @param {string} name of the pad; @param {function} drawn is told of a new stroke. */
  constructor(app, name, drawn) {
    this.app = app;
    this.canvas = thumbnail(SHOWN);
    this.hint = h("span.pad-hint", { "aria-hidden": "true" });
    this.element = h("div.pad", { role: "img", "aria-label": name }, this.canvas, this.hint);
    new Pen(this.element, {
      begin: (point) => {
        this.#line = [this.#place(point)];
        this.paint();
      },
      move: (points) => {
        for (const point of points.map((one) => this.#place(one))) {
          if (distance(point, this.#line.at(-1)) > NEAR) this.#line.push(point);
        }
        this.paint();
      },
      end: () => {
        const points = this.#line;
        this.#line = null;
        if (points) drawn(makeStroke({ points }));
      },
      cancel: () => {
        this.#line = null;
        this.paint();
      },
    });
  }

  #place({ at: [x, y] }) {
    const [x0, y0, x1, y1] = this.#box();
    const side = Math.max(x1 - x0, y1 - y0);
    const scale = side / this.element.clientWidth;
    return [x * scale + (x0 + x1 - side) / 2, y * scale + (y0 + y1 - side) / 2];
  }

  /** What of the drawing's plane the pad shows: its square, or what was drawn elsewhere whole. */
  #box() {
    const [width, height] = this.#size;
    const box = width === PAD && height === PAD ? null : boxOf(this.#strokes);
    if (!box) return [0, 0, width, height];
    const free = FREE * Math.max(box[2] - box[0], box[3] - box[1], 1);
    return [box[0] - free, box[1] - free, box[2] + free, box[3] + free];
  }

  show(drawing, hint) {
    this.#strokes = drawing?.strokes ?? [];
    this.#size = drawing?.size ?? [PAD, PAD];
    this.hint.textContent = this.#strokes.length ? "" : hint;
    this.paint();
  }

  paint() {
    const groups = [{ strokes: this.#strokes }];
    if (this.#line) groups.push({ strokes: [makeStroke({ points: this.#line })] });
    if (this.#line) this.hint.textContent = "";
    drawThumbnail(this.canvas, groups, {
      box: this.#box(),
      width: 2,
      ink: this.app.paper.colors.ink,
      free: 0,
    });
  }
}
