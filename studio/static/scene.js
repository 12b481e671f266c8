/**
 * What the server makes of a scene: the things that strokes are, the regions that lines part, and the
 * picture; asked for again as soon as what they hang on changes.
 */

import { visibleStrokes } from "./document.js";
import { emptyMap, composed, mapSize } from "./labels.js";
import { Cancelled, Gone } from "./live.js";
import { tellError } from "./progress.js";
import { soon } from "./ui.js";
import { drawingOf, fromBase64, toBase64 } from "./wire.js";

/** ms after a change: of strokes, and of the label map. */
const REST = 220;
const PAINT_REST = 160;

export class Scene extends EventTarget {
  /** { size, pixels, regions: [{ label, strokes: ids, ... }] }, or null. */
  things = null;
  /** { size, numbers, bridged }, or null. */
  regions = null;
  picture = null;
  preview = null;
  #askedThings = null;
  #askedRegions = null;
  #askedPaint = null;

  constructor(app, progress) {
    super();
    Object.assign(this, { app, progress });
    this.askSoon = soon(() => this.#ask(), REST);
    this.paintSoon = soon((now) => this.#paint(now), PAINT_REST);
  }

  get own() {
    return this.app.settings.paint;
  }

  /** The label map as it is, with the mark that is being brushed. */
  get map() {
    return composed(this.app.doc, this.things, this.preview);
  }

  /** The region of each px; without the server, what the lines part as they are. */
  get numbers() {
    const size = mapSize(this.app.doc.size);
    const known = this.regions?.size[0] === size[0] && this.regions.size[1] === size[1];
    return known ? this.regions.numbers : this.#ownRegions(size);
  }

  changed() {
    this.preview = null;
    this.dispatchEvent(new Event("map"));
    this.askSoon();
    this.paintSoon();
  }

  again() {
    this.#askedThings = this.#askedRegions = this.#askedPaint = null;
    this.askSoon();
    this.paintSoon();
  }

  /** Names a group of strokes; "" leaves them out of the map. */
  name(ids, label) {
    const { doc } = this.app;
    const taken = new Set(Object.values(doc.names));
    let number = 1;
    while (taken.has(`${label} ${number}`)) number += 1;
    const name = label && `${label} ${number}`;
    const names = { ...doc.names, ...Object.fromEntries(ids.map((id) => [id, name])) };
    this.app.commit({ ...doc, names }, label ? `calling it ${label}` : "leaving it out");
  }

  #drawing() {
    const { doc } = this.app;
    const strokes = visibleStrokes(doc).filter(({ id }) => doc.names[id] !== "");
    const drawing = drawingOf({ ...doc, word: null }, strokes);
    drawing.strokes.forEach((stroke, i) => {
      stroke.layer = doc.names[strokes[i].id] ?? stroke.layer;
    });
    return { drawing, ids: strokes.map(({ id }) => id) };
  }

  #ask() {
    if (this.app.room?.name !== "paint") return;
    this.#askThings();
    this.#askRegions();
  }

  async #askThings() {
    const { drawing, ids } = this.#drawing();
    const key = JSON.stringify([drawing, this.own.tolerance]);
    if (key === this.#askedThings) return;
    this.#askedThings = key;
    if (ids.length === 0) {
      this.app.live.cancelSlot("fill");
      return this.#setThings(null);
    }
    const size = Math.max(...mapSize(this.app.doc.size));
    const fields = {
      drawing,
      size,
      vocabulary: "scene",
      tolerance: this.own.tolerance,
      recognise: true,
    };
    try {
      const { labels, regions } = await this.app.live.ask("fill", fields, {
        on: (message) => this.#tell(message),
      });
      this.#setThings({
        size: labels.size,
        pixels: fromBase64(labels.pixels),
        regions: regions.map((region) => ({
          ...region,
          strokes: region.strokes.map((i) => ids[i]),
        })),
      });
    } catch (error) {
      this.#failed(error, () => {
        if (this.#askedThings === key) this.#askedThings = null;
      });
    }
  }

  async #askRegions() {
    const drawing = drawingOf(this.app.doc);
    const key = JSON.stringify([drawing, this.own.tolerance]);
    if (key === this.#askedRegions) return;
    this.#askedRegions = key;
    const size = Math.max(...mapSize(this.app.doc.size));
    try {
      const {
        size: got,
        numbers,
        bridged,
      } = await this.app.live.ask("regions", { drawing, size, tolerance: this.own.tolerance });
      const bytes = fromBase64(numbers);
      this.regions = { size: got, numbers: new Uint16Array(bytes.buffer), bridged };
      this.dispatchEvent(new Event("regions"));
    } catch (error) {
      this.#failed(error, () => {
        if (this.#askedRegions === key) this.#askedRegions = null;
      });
    }
  }

  #setThings(things) {
    this.things = things;
    this.dispatchEvent(new Event("things"));
    this.dispatchEvent(new Event("map"));
    this.paintSoon();
  }

  /** Paints the map, if it changed; `now` also where live painting is off. */
  async #paint(now = false) {
    const { app, own } = this;
    if (app.room?.name !== "paint" || (!own.live && !now) || app.stage.isDrawing) return;
    if (
      app.about &&
      app.about.models.painter.state !== "ready" &&
      app.about.models.painter.state !== "loading"
    )
      return;
    const { size, pixels } = this.map;
    const there = new Set(pixels);
    there.delete(255);
    if (there.size === 0) {
      this.picture = null;
      this.#askedPaint = null;
      return this.dispatchEvent(new Event("picture"));
    }
    const names = new Map(this.palette.map(({ pixel, name }) => [pixel, name]));
    const present = new Set([...there].map((pixel) => names.get(pixel)));
    const regions = Object.fromEntries(
      Object.entries(own.regions).filter(([name]) => present.has(name)),
    );
    const labels = { size, vocabulary: "scene", pixels: toBase64(pixels) };
    const fields = { labels, seed: own.seed, regions, style: this.style?.id ?? null };
    const key = JSON.stringify(fields);
    if (key === this.#askedPaint) return;
    this.#askedPaint = key;
    const request = app.live.ask("paint", fields, { on: (message) => this.#tell(message) });
    this.progress.begin("Painting", () => request.cancel());
    this.dispatchEvent(new Event("painting"));
    try {
      const { picture, filled } = await request;
      this.picture = { address: picture, filled, size };
      app.say.clearErrors();
    } catch (error) {
      this.#failed(error, () => {
        if (this.#askedPaint === key) this.#askedPaint = null;
      });
    } finally {
      if (this.#askedPaint === key || this.#askedPaint === null) this.progress.end();
    }
    this.dispatchEvent(new Event("picture"));
  }

  #tell(message) {
    if (message.type === "progress") this.progress.tell(message);
  }

  #failed(error, forget) {
    if (!(error instanceof Cancelled)) forget();
    if (!(error instanceof Gone)) tellError(this.app, error);
  }

  /** Lines as walls: what the bucket falls back on while the server is gone. */
  #ownRegions(size) {
    const { doc } = this.app;
    const key = doc.strokes;
    if (this.fallback?.key === key && this.fallback.size[0] === size[0])
      return this.fallback.numbers;
    const canvas = new OffscreenCanvas(...size);
    const context = canvas.getContext("2d");
    context.scale(size[0] / doc.size[0], size[0] / doc.size[0]);
    context.lineWidth = 3;
    for (const { points } of visibleStrokes(doc)) {
      context.beginPath();
      for (const point of points) context.lineTo(...point);
      context.stroke();
    }
    const { data } = context.getImageData(0, 0, ...size);
    const numbers = emptyMap(size).pixels.map((_, i) => (data[i * 4 + 3] > 127 ? 1 : 0));
    this.fallback = { key, size, numbers };
    return numbers;
  }
}
