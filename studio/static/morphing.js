/** The drawings between two or four others: asked for when these change, and where one stands in them. */

import { tellError } from "./progress.js";
import { soon } from "./ui.js";

/** ms after a change of a corner. */
const REST = 120;

export class Morphing extends EventTarget {
  rows = [];
  size = [256, 256];

  constructor(app, progress) {
    super();
    Object.assign(this, { app, progress });
    this.askSoon = soon(() => this.#ask(), REST);
  }

  /** The corners that are to be joined, or null: [{ size, label, strokes }], and how. */
  want(ends, steps, seed) {
    const wanted = ends && { ends, steps, seed };
    const same = JSON.stringify(wanted) === this.asked;
    this.wanted = wanted;
    if (!same) this.askSoon();
  }

  /** Asks again what could not be answered. */
  again() {
    this.asked = null;
    this.askSoon();
  }

  clear() {
    this.rows = [];
    this.dispatchEvent(new Event("change"));
  }

  /** The drawing at a place: x and y from 0 to 1. */
  at([x, y]) {
    const row = this.rows[Math.round(y * (this.rows.length - 1))];
    return row?.[Math.round(x * (row.length - 1))] ?? null;
  }

  async #ask() {
    const { wanted } = this;
    const key = JSON.stringify(wanted);
    if (!wanted) {
      this.asked = null;
      return this.clear();
    }
    if (key === this.asked) return;
    this.asked = key;
    const request = this.app.live.ask("interpolate", wanted, {
      slot: "morph",
      on: (message) => message.type === "progress" && this.progress.tell(message),
    });
    this.progress.begin("Drawing what lies between", () => request.cancel());
    try {
      const { rows, size } = await request;
      Object.assign(this, { rows, size });
      this.app.say.speak(`${rows.flat().length} drawings between the ends`);
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (this.asked === key) this.asked = null;
      tellError(this.app, error);
    } finally {
      if (this.wanted === wanted) this.progress.end();
    }
  }
}
