/** The panel of the pen: colours and width, or the eraser's size; for chosen strokes, theirs. */

import { changeChosen } from "./edits.js";
import { check, group, h, replaceChildren, slider } from "./ui.js";

/** Inks that go together on paper, each 4.5 : 1 or more against it; null is the drawing's own. */
const INKS = [
  [null, "Ink"],
  ["#a83a22", "Red chalk"],
  ["#2b5c8a", "Blue"],
  ["#3c7046", "Green"],
  ["#8a6100", "Ochre"],
  ["#6d4a80", "Violet"],
  ["#6e6960", "Pencil"],
];
const WIDTHS = { min: 0.4, max: 24, step: 0.2 };
const PX_A_MM = 96 / 25.4;

const inMm = (px) => `${(px / PX_A_MM).toFixed(px < PX_A_MM * 3 ? 1 : 0)} mm`;

export class PenPanel {
  constructor(app) {
    this.app = app;
    this.element = h("div");
    this.show();
  }

  show() {
    const { app } = this;
    const tool = app.settings.tool;
    if (tool === "erase" && app.selection.size === 0) this.#showEraser();
    else if (tool === "draw" || app.selection.size) this.#showPen();
    else this.element.replaceChildren();
  }

  #showEraser() {
    const { eraser } = this.app.settings;
    const kept = () => this.app.remember();
    replaceChildren(this.element, [
      group(
        "Eraser",
        slider("Width", {
          min: 4,
          max: 80,
          step: 1,
          value: eraser.width,
          show: (v) => `${v} px`,
          input: (v) => {
            eraser.width = v;
            kept();
          },
        }),
        check("Whole strokes", eraser.whole, (on) => {
          eraser.whole = on;
          kept();
        }),
      ),
    ]);
  }

  #showPen() {
    const { app } = this;
    const { pen } = app.settings;
    const several = app.selection.size > 0;
    const first = several ? app.doc.strokes.find(({ id }) => app.selection.has(id)) : null;
    const now = first ? { color: first.color, width: first.width ?? pen.width } : pen;
    const set = (change, what) => {
      if (several) changeChosen(app, change, what);
      else Object.assign(pen, change);
      app.remember();
    };
    const inks = INKS.map(([color, name]) =>
      this.#ink(color, name, now.color === color, () => {
        set({ color }, "another colour");
        this.show();
      }),
    );
    const own = h("input.own-ink", {
      type: "color",
      value: now.color ?? "#1d1c1a",
      "aria-label": "Another colour",
      title: "Another colour",
      on: {
        change: () => {
          set({ color: own.value }, "another colour");
          this.show();
        },
      },
    });
    const title = !several
      ? "Pen"
      : app.selection.size === 1
        ? "Selected stroke"
        : "Selected strokes";
    replaceChildren(this.element, [
      group(
        title,
        h("div.inks", { role: "group", "aria-label": "Colour" }, inks, own),
        slider("Width", {
          ...WIDTHS,
          value: now.width,
          show: inMm,
          input: (width) => !several && set({ width }),
          change: (width) => several && set({ width }, "another width"),
        }),
      ),
    ]);
  }

  #ink(color, name, chosen, act) {
    const button = h("button.ink", {
      type: "button",
      "aria-label": name,
      "aria-pressed": String(chosen),
      title: name,
      on: { click: act },
    });
    button.style.setProperty("--own", color ?? "var(--paper-ink)");
    return button;
  }
}
