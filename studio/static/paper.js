/**
 * The sheet on screen: two canvases over one another, the finished strokes below and what changes
 * while the pen moves above. The document is the truth; this is a view of it.
 */

import { visibleStrokes } from "./document.js";
import { drawStrokes } from "./ink.js";

/** Device px a CSS px: more than this only costs time. */
const DENSEST = 2;

export class Paper {
  #frame = 0;
  #all = true;
  /** Painters (context) in sheet px: below the strokes, over them, and over all as it moves. */
  under = [];
  over = [];
  live = [];
  /** Of the strokes, 0 to 1. */
  strokesAlpha = 1;

  constructor(host, history, view) {
    Object.assign(this, { host, history, view });
    [this.base, this.top] = host.querySelectorAll("canvas");
    history.addEventListener("change", ({ detail }) => {
      if (detail.before.size !== detail.doc.size && view.fitted) this.fit();
      this.redraw();
    });
    view.addEventListener("move", () => this.redraw());
    new ResizeObserver(() => this.resized()).observe(host);
    this.readColors();
  }

  /** Takes the colours from the style sheet again: light and dark. */
  readColors() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    this.colors = {
      paper: read("--paper"),
      edge: read("--paper-edge"),
      ink: read("--paper-ink"),
      accent: read("--paper-accent"),
      soft: read("--paper-soft"),
    };
    this.redraw();
  }

  get area() {
    return [this.host.clientWidth, this.host.clientHeight];
  }

  resized() {
    const density = Math.min(DENSEST, devicePixelRatio || 1);
    const [width, height] = this.area;
    if (!width || !height) return;
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(width * density);
      canvas.height = Math.round(height * density);
    }
    this.density = density;
    if (this.view.fitted) this.fit();
    this.redraw(true);
  }

  fit() {
    const [width, height] = this.area;
    if (width && height) this.view.fit(this.history.present.size, this.area);
  }

  /** Draws all again with the next frame; `now` at once, so that a resize does not flash. */
  redraw(now = false) {
    this.#all = true;
    this.refresh();
    if (now) this.#paint();
  }

  /** Draws what moves again with the next frame. */
  refresh() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.density) return;
    if (this.#all) this.#paintBase();
    this.#all = false;
    const context = this.#begin(this.top);
    for (const painter of this.live) painter(context);
  }

  #paintBase() {
    const context = this.#begin(this.base);
    const [width, height] = this.history.present.size;
    context.save();
    context.shadowColor = this.colors.edge;
    context.shadowBlur = 18 * this.density;
    context.shadowOffsetY = 3 * this.density;
    context.fillStyle = this.colors.paper;
    context.fillRect(0, 0, width, height);
    context.restore();
    for (const painter of this.under) painter(context);
    drawStrokes(context, visibleStrokes(this.history.present), {
      ink: this.colors.ink,
      alpha: this.strokesAlpha,
    });
    for (const painter of this.over) painter(context);
  }

  #begin(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    const { scale, x, y } = this.view;
    const d = this.density;
    context.setTransform(scale * d, 0, 0, scale * d, x * d, y * d);
    return context;
  }
}
