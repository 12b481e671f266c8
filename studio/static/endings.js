/**
 * Ghost endings: asked for, streamed in stroke by stroke, drawn by an invisible pen, shown small in
 * a strip to choose from, and gone as soon as the drawing changes.
 */

import { boxOf } from "./geometry.js";
import { Gone } from "./live.js";
import { tellError } from "./progress.js";
import { drawThumbnail, thumbnail } from "./thumbs.js";
import { h, reducedMotion } from "./ui.js";
import { visibleStrokes } from "./document.js";

/** Points a second that the invisible pen draws: it keeps up with the model and can be followed. */
const PEN_SPEED = 140;
const THUMB = [180, 104];

export class Endings {
  #list = []; // of each ending its strokes { points, width, more }
  #seen = []; // points that the invisible pen has drawn of each
  #cards = [];
  #request = null;
  #frame = 0;
  #last = 0;
  chosen = null;
  word = null;

  constructor(app, wanted) {
    this.app = app;
    this.wanted = wanted;
    this.row = h("div.cards", { role: "group", "aria-label": "Endings" });
    this.said = h("p.note");
    this.as = h("p.as");
    this.element = h("div.endings", {}, this.said, this.as, this.row);
    this.note(null);
  }

  get count() {
    return this.#list.length;
  }

  /** What stands in place of the endings; null is what they are for. */
  note(sentence) {
    this.reason = sentence;
    const empty = this.app.doc.strokes.length === 0;
    const usual = empty ? "Endings of your drawing appear here when the pen rests." : "";
    this.said.textContent = sentence ?? usual;
  }

  strokesOf(index) {
    return this.#list[index];
  }

  clear() {
    if (this.#request) this.#request.cancel();
    this.#request = null;
    this.#list = [];
    this.#seen = [];
    this.chosen = null;
    this.#build(0);
    this.changed?.();
  }

  async ask(fields) {
    this.clear();
    this.given = visibleStrokes(this.app.doc);
    const request = this.app.live.ask("complete", fields, { on: (message) => this.#take(message) });
    this.#request = request;
    this.#list = Array.from({ length: fields.n }, () => []);
    this.#seen = Array(fields.n).fill(0);
    this.chosen = 0;
    this.#build(fields.n);
    try {
      const result = await request;
      if (this.#request !== request) return;
      this.word = result.word;
      this.#list = result.endings;
      this.#finish(result.word);
    } catch (error) {
      if (this.#request !== request) return;
      this.clear();
      if (this.wanted()) this.#fail(error);
    }
  }

  /** Shows the next one, or with -1 the one before. */
  step(by) {
    const n = this.#list.length;
    if (n === 0) return false;
    this.#choose((this.chosen + by + n) % n);
    this.app.say.speak(`Ending ${this.chosen + 1} of ${n}`);
    return true;
  }

  /** The endings as far as they are drawn: the chosen one last, so that it lies on top. */
  shown() {
    const ones = this.#list.map((strokes, index) => ({
      strokes,
      index,
      share: this.#share(index),
    }));
    return ones
      .filter(({ strokes }) => strokes.length)
      .sort((a, b) => (a.index === this.chosen) - (b.index === this.chosen));
  }

  #share(index) {
    return Math.min(1, this.#seen[index] / Math.max(1, pointsOf(this.#list[index])));
  }

  #fail(error) {
    if (error instanceof Gone) return; // the banner says so
    // A sentence in place of the endings: no alarm, for the pen goes on.
    if (/word/i.test(error.message)) this.said.textContent = error.message;
    else tellError(this.app, error);
  }

  #take(message) {
    if (message.type !== "stroke") return;
    const strokes = [...(this.#list[message.ending] ?? [])];
    const before = strokes[message.stroke];
    strokes[message.stroke] = {
      ...message,
      points: [...(before?.points ?? []), ...message.points],
      pressure: null,
    };
    this.#list = this.#list.map((one, i) => (i === message.ending ? strokes.filter(Boolean) : one));
    this.#run();
  }

  #finish(word) {
    const n = this.#list.filter((strokes) => strokes.length).length;
    this.app.say.speak(`${n} endings as ${word}. Press 1 to ${n} to keep one.`);
    this.as.replaceChildren(
      "As ",
      h("strong", {}, word),
      `. Tap one to keep it, or press 1 to ${n}.`,
    );
    this.#run();
  }

  #run() {
    if (reducedMotion()) this.#seen = this.#list.map(pointsOf);
    if (this.#frame) return;
    this.#last = performance.now();
    const step = (now) => {
      this.#frame = 0;
      const more = ((now - this.#last) / 1000) * PEN_SPEED;
      this.#last = now;
      this.#seen = this.#seen.map((seen, i) =>
        Math.min(pointsOf(this.#list[i] ?? []), seen + more),
      );
      this.#drawCards();
      this.changed?.();
      const under = this.#seen.some((seen, i) => seen < pointsOf(this.#list[i]));
      if (under) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #choose(index) {
    this.chosen = index;
    this.#cards.forEach(({ button }, i) =>
      button.setAttribute("aria-current", String(i === index)),
    );
    this.changed?.();
  }

  #build(n) {
    this.said.hidden = n > 0;
    this.as.textContent = "";
    if (n === 0) this.note(this.reason ?? null);
    if (n === this.#cards.length) {
      for (const { canvas } of this.#cards) drawThumbnail(canvas, [], { ink: "" });
      this.#choose(n ? 0 : null);
      return;
    }
    this.#cards = Array.from({ length: n }, (_, index) => {
      const canvas = thumbnail(...THUMB);
      const button = h(
        "button.card",
        {
          type: "button",
          "aria-label": `Keep ending ${index + 1}`,
          "aria-keyshortcuts": String(index + 1),
          on: {
            click: () => this.keep(index),
            pointerenter: (event) => event.pointerType !== "touch" && this.#choose(index),
            focus: () => this.#choose(index),
          },
        },
        canvas,
        h("kbd", { "aria-hidden": "true" }, String(index + 1)),
      );
      return { button, canvas };
    });
    this.row.replaceChildren(...this.#cards.map(({ button }) => button));
    this.#choose(n ? 0 : null);
  }

  #drawCards() {
    const { accent, ink } = this.app.paper.colors;
    const box = boxOf([...this.given, ...this.#list.flat()]);
    if (!box) return;
    this.#cards.forEach(({ canvas }, i) => {
      const groups = [
        { strokes: this.given },
        { strokes: this.#list[i] ?? [], color: accent, share: this.#share(i) },
      ];
      drawThumbnail(canvas, groups, { box, ink });
    });
  }
}

const pointsOf = (strokes) => strokes.reduce((sum, { points }) => sum + points.length, 0);
