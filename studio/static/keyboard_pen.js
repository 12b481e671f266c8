/**
 * The keyboard as a pen: arrow keys move a cross over the sheet, space puts the tool down and
 * lifts it. With strokes selected by the select tool, arrow keys move those.
 */

import { moveChosen } from "./edits.js";

/** px of the sheet a press; with shift. */
const STEP = 12;
const FINE = 2;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class KeyboardPen {
  at = null;
  isDown = false;

  constructor(app, stage) {
    Object.assign(this, { app, stage });
    stage.host.addEventListener("keydown", (event) => this.#key(event));
    stage.host.addEventListener("blur", () => this.hide());
  }

  hide() {
    if (this.isDown) this.#lift();
    this.at = null;
    this.app.paper.refresh();
  }

  paint(context) {
    if (!this.at) return;
    const { view, paper } = this.app;
    const arm = 9 / view.scale;
    const [x, y] = this.at;
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    context.lineWidth = (this.isDown ? 3 : 1.4) / view.scale;
    context.strokeStyle = paper.colors.accent;
    context.stroke();
  }

  #key(event) {
    if (event.target !== this.stage.host || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const step = event.shiftKey ? FINE : STEP;
      if (this.stage.tool.name === "select" && this.app.selection.size && !this.isDown) {
        return moveChosen(this.app, move[0] * step, move[1] * step);
      }
      this.#move(move[0] * step, move[1] * step);
    } else if (event.key === " " && this.at) {
      event.preventDefault();
      event.stopPropagation();
      if (event.repeat) return;
      if (this.isDown) this.#lift();
      else this.#lower();
    } else if (event.key === "Escape" && this.at) this.hide();
  }

  #point() {
    return { at: this.at, pressure: null, time: performance.now() };
  }

  #move(dx, dy) {
    const [width, height] = this.app.doc.size;
    const [x, y] = this.at ?? [width / 2, height / 2];
    this.at = [Math.min(width, Math.max(0, x + dx)), Math.min(height, Math.max(0, y + dy))];
    if (this.isDown) this.stage.tool.move([this.#point()]);
    this.app.paper.refresh();
  }

  #lower() {
    this.isDown = true;
    this.app.room.penDown?.();
    this.stage.tool.begin(this.#point());
    this.app.say.speak("Pen down");
    this.app.paper.refresh();
  }

  #lift() {
    this.isDown = false;
    this.stage.tool.end();
    this.app.room.penUp?.();
    this.app.say.speak("Pen up");
    this.app.paper.refresh();
  }
}
