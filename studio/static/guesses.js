/** What the recogniser takes the sheet for, live: a short list, each entry a word to go on with. */

import { visibleStrokes } from "./document.js";
import { h, soon } from "./ui.js";
import { drawingOf } from "./wire.js";

/** ms after the last change: once a stroke, not once a point. */
const REST = 250;
const ANSWERS = 4;
/** From here on it is said aloud, too. */
const SURE = 0.5;

export class Guesses {
  /** @param {function} choose is told of a word that was picked; @param {function} wanted says
   *   whether anybody sees the list. */
  constructor(app, choose, wanted) {
    Object.assign(this, { app, choose, wanted });
    this.list = h("ol.guesses", { "aria-label": "What the recogniser sees" });
    this.note = h("p.note");
    this.askSoon = soon(() => this.#ask(), REST);
  }

  async #ask() {
    const { app } = this;
    const model = app.about?.models.recogniser;
    if (!model || !this.wanted()) return;
    if (model.state === "missing" || model.state === "failed") {
      this.#show([], model.sentence);
      return;
    }
    if (visibleStrokes(app.doc).length === 0) {
      this.#show([], "Nothing yet.");
      return;
    }
    try {
      const fields = { drawing: drawingOf(app.doc), k: ANSWERS, scene: false };
      const { objects } = await app.live.ask("recognise", fields);
      this.#show(objects[0]?.answers ?? [], "Nothing yet.");
    } catch {
      // A newer drawing was asked about, or the server is gone: what is seen stays.
    }
  }

  #show(answers, otherwise) {
    this.note.textContent = answers.length ? "" : otherwise;
    this.list.replaceChildren(...answers.map((answer) => h("li", {}, this.#row(answer))));
    if (answers[0]?.confidence > SURE) this.app.say.speak(`It looks like: ${answers[0].word}`);
  }

  #row({ word, confidence }) {
    return h(
      "button.guess",
      {
        type: "button",
        title: `Finish it as: ${word}`,
        style: { "--sure": String(confidence) },
        on: { click: () => this.choose(word) },
      },
      h("span", {}, word),
      h("span.sure", {}, `${Math.round(confidence * 100)} %`),
    );
  }
}
