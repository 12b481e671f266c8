/** The sheet under the pen: tools in the rail, the pointer to the tool, the keyboard as a pen. */

import { isEmpty } from "./document.js";
import * as edits from "./edits.js";
import { SIGNS } from "./icons.js";
import { KeyboardPen } from "./keyboard_pen.js";
import { Pen } from "./pen.js";
import { drawTool } from "./tools/draw.js";
import { eraseTool } from "./tools/erase.js";
import { handTool } from "./tools/hand.js";
import { selectTool } from "./tools/select.js";
import { button, h, signButton } from "./ui.js";

const ZOOM_STEP = 1.25;
const $ = (id) => document.getElementById(id);

export class Stage {
  constructor(app) {
    this.app = app;
    this.host = $("stage");
    this.common = [drawTool, eraseTool, selectTool, handTool].map((make) => make(app));
    this.tools = this.common;
    this.keys = new KeyboardPen(app, this);
    this.pen = new Pen(this.host, this.#pen());
    app.paper.live.push((context) => this.tool.paint?.(context));
    app.paper.live.push((context) => this.keys.paint(context));
    // What is chosen stays in sight whatever the tool is.
    app.paper.live.push(
      (context) =>
        this.tool.name !== "select" &&
        app.selection.size &&
        this.#toolNamed("select").paint(context),
    );
    this.#buildZoom();
    this.#buildChosen();
  }

  get tool() {
    return this.tools.find(({ name }) => name === this.app.settings.tool) ?? this.tools[0];
  }

  get isDrawing() {
    return this.pen.isDown || this.keys.isDown;
  }

  /** A room's own tools beside those that every room has. */
  setTools(own) {
    this.tools = [...this.common, ...own];
    const rail = this.tools.map((tool) =>
      signButton(tool.title, tool.sign, () => this.use(tool.name), {
        kind: "tool",
        key: tool.key.toUpperCase(),
        "data-tool": tool.name,
      }),
    );
    $("rail").replaceChildren(...rail);
    this.use(this.tool.name);
  }

  use(name) {
    if (this.isDrawing) return;
    this.tool.leave?.();
    if (this.tools.some((tool) => tool.name === name)) this.app.settings.tool = name;
    for (const one of $("rail").children) {
      one.setAttribute("aria-pressed", String(one.dataset.tool === this.tool.name));
    }
    this.host.style.cursor = this.tool.cursor;
    this.host.dataset.tool = this.tool.name;
    this.app.pens?.show();
    this.app.paper.refresh();
    this.app.remember();
  }

  /** What an empty sheet says. */
  showHint() {
    const { doc, room } = this.app;
    const hint = room?.hint?.(doc) ?? null;
    $("hint").hidden = hint === null || (this.isDrawing && isEmpty(doc));
    $("hint").replaceChildren(...(hint ? [hint].flat() : []));
    this.host.setAttribute("aria-label", this.#said(doc));
  }

  /** The bar of what can be done with chosen strokes. */
  showChosen() {
    const count = this.app.selection.size;
    this.chosen.hidden = count === 0;
    this.chosenCount.textContent = count === 1 ? "1 stroke" : `${count} strokes`;
  }

  #said(doc) {
    const n = doc.strokes.length;
    const strokes = n === 0 ? "no strokes" : n === 1 ? "1 stroke" : `${n} strokes`;
    return `Sheet with ${strokes}. Arrow keys move the pen, space puts it down and lifts it.`;
  }

  #toolNamed(name) {
    return this.tools.find((tool) => tool.name === name);
  }

  #pen() {
    const { app } = this;
    const { view } = app;
    const place = (point) => ({ ...point, at: view.toSheet(point.at) });
    let tool = null;
    return {
      begin: (point) => {
        this.keys.hide();
        tool = point.erase ? this.#toolNamed("erase") : this.tool;
        this.panFrom = tool.pans ? point.at : null;
        app.room.penDown?.();
        tool.begin({ ...place(point), more: this.shiftHeld });
        $("hint").hidden = true;
      },
      move: (points) => {
        if (this.panFrom) {
          const { at } = points.at(-1);
          view.pan(at[0] - this.panFrom[0], at[1] - this.panFrom[1]);
          this.panFrom = at;
        } else tool.move(points.map(place));
      },
      end: () => {
        this.panFrom = null;
        tool.end();
        app.room.penUp?.();
        this.showHint();
      },
      cancel: () => {
        tool.cancel();
        app.room.penUp?.();
        this.showHint();
      },
      hover: (point) => this.tool.hover?.(place(point)),
      leave: () => this.tool.leave?.(),
      pan: (dx, dy) => view.pan(dx, dy),
      zoom: (factor, at) => view.zoom(factor, at),
    };
  }

  #buildZoom() {
    const { view, paper } = this.app;
    const middle = () => paper.area.map((side) => side / 2);
    const size = h("button.size", {
      type: "button",
      title: "Whole sheet (0)",
      on: { click: () => paper.fit() },
    });
    const show = () => {
      size.textContent = `${Math.round(view.scale * 100)} %`;
      $("zoom").dataset.fitted = String(view.fitted);
      size.setAttribute(
        "aria-label",
        `Zoom ${Math.round(view.scale * 100)} percent; show the whole sheet`,
      );
    };
    view.addEventListener("move", show);
    show();
    this.zoomIn = () => view.zoom(ZOOM_STEP, middle());
    this.zoomOut = () => view.zoom(1 / ZOOM_STEP, middle());
    $("zoom").replaceChildren(
      signButton("Smaller", SIGNS.minus, this.zoomOut, { key: "-" }),
      size,
      signButton("Larger", SIGNS.plus, this.zoomIn, { key: "+" }),
    );
  }

  #buildChosen() {
    const { app } = this;
    this.chosen = $("chosen");
    this.chosenCount = h("span.count");
    this.chosen.replaceChildren(
      this.chosenCount,
      button("Smooth", () => edits.smoothChosen(app), {
        sign: SIGNS.smooth,
        key: "S",
        title: "Smooth (S)",
      }),
      button("Close gap", () => edits.closeGap(app), {
        sign: SIGNS.gap,
        key: "G",
        title: "Close the narrowest gap (G)",
      }),
      button("Copy", () => edits.duplicateChosen(app), {
        sign: SIGNS.copy,
        title: "A copy beside it (Ctrl+D)",
      }),
      button("Delete", () => edits.deleteChosen(app), {
        sign: SIGNS.trash,
        key: "Delete",
        title: "Delete (Del)",
      }),
    );
  }
}
