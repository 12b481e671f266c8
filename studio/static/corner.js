/** An end of a morph: a pad to draw on, its word, and the other places that it may come from. */

import { DRAWINGS, chooseFiles } from "./files.js";
import { SIGNS } from "./icons.js";
import { PAD, Pad } from "./pad.js";
import { intoBox } from "./placing.js";
import { tellError, track } from "./progress.js";
import { openFile } from "./requests.js";
import { h, newSeed, signButton } from "./ui.js";
import { drawingOf, strokesOf } from "./wire.js";
import { wordField } from "./words.js";

const NAMES = ["A", "B", "C", "D"];
/** px around a sampled drawing on its pad. */
const FREE = 24;

export class Corner {
  constructor(app, index) {
    Object.assign(this, { app, index, name: NAMES[index] });
    const { name } = this;
    this.pad = new Pad(app, `Drawing ${name}`, (stroke) => this.#add(stroke));
    this.word = wordField(app, `${name} is a`, "", (text) => this.#rename(text), {
      placeholder: "cat, house …",
    });
    const open = () => chooseFiles(app, { accept: DRAWINGS, act: (file) => this.fromFile(file) });
    this.element = h(
      `div.corner.corner-${name.toLowerCase()}`,
      {},
      this.pad.element,
      this.word,
      h(
        "div.corner-row",
        {},
        signButton(`${name}: draw one for me`, SIGNS.dice, () => this.sample()),
        signButton(`${name}: from the sheet`, SIGNS.paper, () => this.fromSheet()),
        signButton(`${name}: open a file`, SIGNS.open, open),
        signButton(`${name}: clear`, SIGNS.trash, () => this.put(null, "clearing")),
      ),
    );
  }

  get drawing() {
    return this.app.doc.corners[this.index];
  }

  /** Another drawing { size, label, strokes } for this end, or null. */
  put(drawing, what, options) {
    const { app, index } = this;
    const corners = app.doc.corners.map((one, k) => (k === index ? drawing : one));
    app.commit({ ...app.doc, corners }, `${what} in ${this.name}`, options);
  }

  /** Shows what the document has. */
  show() {
    this.pad.show(this.drawing, "Draw here");
    if (document.activeElement !== this.word.box) this.word.box.value = this.drawing?.label ?? "";
  }

  /** Has the model draw one. */
  async sample(options) {
    const { app, index } = this;
    const word = this.word.box.value.trim() || app.settings.morph.words[index];
    try {
      const slot = `corner-${index}`;
      const { drawings } = await app.live.ask("sample", { word, n: 1, seed: newSeed() }, { slot });
      if (options && this.drawing) return; // one that fills an empty end came too late
      const box = [FREE, FREE, PAD - FREE, PAD - FREE];
      const strokes = intoBox(strokesOf(drawings[0], "ending"), box);
      const label = drawings[0].label ?? word;
      this.put({ size: [PAD, PAD], label, strokes }, "drawing", options);
    } catch (error) {
      tellError(app, error);
    }
  }

  fromSheet(options) {
    const { app } = this;
    if (app.doc.strokes.length === 0) {
      app.say.show("The sheet is empty: draw on it in the Doodle room, or draw right here.");
      return;
    }
    const label = app.doc.word ?? (this.word.box.value.trim() || null);
    const { size, strokes } = app.doc;
    this.put({ size, label, strokes }, "taking the sheet", options);
  }

  async fromFile(file) {
    const { app } = this;
    const opened = await track(app, openFile(app.token, file), `Opening ${file.name}`);
    if (!opened) return;
    if (opened.kind === "drawings") this.take(opened.drawings[0]);
    else app.say.error(`${file.name} is a picture; its strokes come out in the Clean room.`);
  }

  /** A drawing off the wire. */
  take(drawing) {
    const { size, label = null } = drawing;
    this.put({ size, label, strokes: strokesOf(drawing, "file") }, "opening a file");
  }

  /** What is to be sent of it, or null. */
  get wire() {
    if (!this.drawing?.strokes.length) return null;
    const { size, label, strokes } = this.drawing;
    return drawingOf({ size, word: label, layers: [{ name: "ink" }] }, strokes);
  }

  #add(stroke) {
    const before = this.drawing ?? { size: [PAD, PAD], label: null, strokes: [] };
    this.put({ ...before, strokes: [...before.strokes, stroke] }, "stroke");
  }

  #rename(text) {
    const { drawing } = this;
    if (text) this.app.settings.morph.words[this.index] = text;
    if (drawing && (drawing.label ?? "") !== text) {
      this.put({ ...drawing, label: text || null }, "word");
    }
  }
}
