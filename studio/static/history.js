/** The document as it is, was and would be again: commit, undo, redo, and who wants to know. */

/** Steps kept; documents share their strokes, so that a step costs little more than its change. */
const STEPS = 500;

export class History extends EventTarget {
  constructor(present) {
    super();
    this.present = present;
    this.past = [];
    this.future = [];
  }

  /**
   * A new document.
   *
   * @param {object} doc the document.
   * @param {string} what the change in words, as "stroke" in "Undone: stroke".
   * @param {{room?: string, merge?: string|null}} options the room it was made in; with `merge`, a
   *   change that follows one of the same name replaces it: a slider is one step.
   */
  commit(doc, what, { room = null, merge = null } = {}) {
    if (doc === this.present) return;
    const last = this.past.at(-1);
    if (!(merge && last?.merge === merge && this.future.length === 0)) {
      this.past = [...this.past, { doc: this.present, what, room, merge }].slice(-STEPS);
    }
    this.future = [];
    this.#show(doc, what);
  }

  /** What was undone, or null where there is nothing. */
  undo() {
    const step = this.past.at(-1);
    if (!step) return null;
    this.past = this.past.slice(0, -1);
    this.future = [...this.future, { ...step, doc: this.present }];
    this.#show(step.doc, "undo");
    return step;
  }

  /** What was done again, or null where there is nothing. */
  redo() {
    const step = this.future.at(-1);
    if (!step) return null;
    this.future = this.future.slice(0, -1);
    this.past = [...this.past, { ...step, doc: this.present }];
    this.#show(step.doc, "redo");
    return step;
  }

  /** Another document in place of all: what was saved. */
  restore(doc) {
    this.past = [];
    this.future = [];
    this.#show(doc, "restore");
  }

  /** Ends merging: the next change is a step of its own. */
  settle() {
    const last = this.past.at(-1);
    if (last?.merge) this.past = [...this.past.slice(0, -1), { ...last, merge: null }];
  }

  #show(doc, what) {
    const before = this.present;
    this.present = doc;
    this.dispatchEvent(new CustomEvent("change", { detail: { before, doc, what } }));
  }
}
