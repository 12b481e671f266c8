/** Whole drawings by the model onto the sheet: a surprise, or what is there drawn as another word. */

import { addStrokes, visibleStrokes } from "./document.js";
import { emptiest, intoBox } from "./placing.js";
import { Progress, tellError } from "./progress.js";
import { newSeed } from "./ui.js";
import { drawingOf, strokesOf } from "./wire.js";

export class ModelPen {
  constructor(app) {
    this.app = app;
    this.progress = new Progress();
  }

  /** A new drawing: large where the sheet is empty, else where there is most room. */
  async surprise(word, temperature) {
    const { app } = this;
    const fields = { word: word || null, n: 1, temperature, seed: newSeed() };
    const made = await this.#ask("sample", fields);
    if (!made) return;
    const { doc } = app;
    const strokes = this.#inked(made.drawings[0]);
    const box = emptiest(visibleStrokes(doc), doc.size);
    const label = doc.strokes.length ? doc.word : made.word;
    app.commit(addStrokes({ ...doc, word: label }, intoBox(strokes, box)), "surprise");
    const other = () => {
      app.undo();
      this.surprise(word, temperature);
    };
    app.say.show(`${withArticle(made.word)}.`, { act: { name: "Another one", run: other } });
  }

  /** The sheet's drawing again, as another word; the drawing itself is one undo away. */
  async mimic(word) {
    const { app } = this;
    if (visibleStrokes(app.doc).length === 0) {
      app.say.show("Draw something first; it is then drawn again as another word.");
      return;
    }
    const fields = { drawing: drawingOf(app.doc), word, n: 1, temperature: null, seed: newSeed() };
    const made = await this.#ask("mimic", fields);
    if (!made) return;
    const strokes = this.#inked(made.drawings[0]);
    app.commit({ ...app.doc, strokes, word: made.word }, `drawing it as ${made.word}`);
    const undo = { name: "Undo", run: () => app.undo() };
    app.say.show(`Drawn again: ${withArticle(made.word).toLowerCase()}.`, { act: undo });
  }

  #inked(drawing) {
    const { color, width } = this.app.settings.pen;
    return strokesOf(drawing, "ending").map((stroke) => ({ ...stroke, color, width }));
  }

  async #ask(type, fields) {
    const { app, progress } = this;
    const on = (message) => message.type === "progress" && progress.tell(message);
    const request = app.live.ask(type, fields, { slot: "model-pen", on });
    progress.begin("Drawing", () => request.cancel());
    try {
      return await request;
    } catch (error) {
      tellError(app, error);
      return null;
    } finally {
      progress.end();
    }
  }
}

const withArticle = (word) => `${/^[aeiou]/i.test(word) ? "An" : "A"} ${word}`;
