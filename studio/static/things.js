/** The things of a scene as a list: what strokes are taken for, and another name where that is wrong. */

import { paintableLabels } from "./palette.js";
import { group, h, replaceChildren, slider } from "./ui.js";

/** What stands for "no name yet" among the options, and for what is not to be in the map. */
const UNNAMED = "?";
const LEFT_OUT = "";

export class Things {
  constructor(app, scene) {
    Object.assign(this, { app, scene });
    this.list = h("ul.things");
    this.note = h("p.note");
    this.gaps = h("p.note");
    const own = app.settings.paint;
    this.element = group(
      "Things drawn",
      this.list,
      this.note,
      slider("Gaps closed up to", {
        min: 0,
        max: 0.3,
        step: 0.01,
        value: own.tolerance,
        show: (v) => `${Math.round(v * 100)} % of the thing`,
        input: (v) => {
          own.tolerance = v;
          app.remember();
          scene.askSoon();
        },
      }),
      this.gaps,
    );
    scene.addEventListener("things", () => this.show());
    scene.addEventListener("regions", () => this.#showGaps());
  }

  show() {
    const { app } = this;
    const regions = this.scene.things?.regions ?? [];
    const rows = regions.map((thing) => this.#row(thing.label, thing.strokes, thing.name));
    const out = app.doc.strokes.filter(({ id }) => app.doc.names[id] === LEFT_OUT);
    if (out.length) {
      const ids = out.map(({ id }) => id);
      rows.push(this.#row(LEFT_OUT, ids, null));
    }
    replaceChildren(this.list, rows);
    this.note.textContent = this.#said(regions);
  }

  #said(regions) {
    if (regions.length === 0) return "Draw a tree, a house, a cloud: outlines become things.";
    if (regions.every(({ label }) => label)) return "";
    const { sentence } = this.app.about?.models.recogniser ?? {};
    return `What is not named stays out of the picture. ${sentence ?? ""}`.trim();
  }

  #showGaps() {
    const { bridged } = this.scene.regions;
    const gaps = bridged === 1 ? "One gap is" : `${bridged} gaps are`;
    this.gaps.textContent = bridged ? `${gaps} bridged for the bucket.` : "";
  }

  /** A thing: its colour, what it is taken for, and another name to choose. */
  #row(label, ids, said) {
    const { app } = this;
    const labels = paintableLabels(app);
    const known = labels.find(({ name }) => name === label);
    const unnamed = said && !label ? `“${said}”: not in the palette` : "not named";
    const options = [
      [UNNAMED, unnamed],
      ...labels.map(({ name }) => [name, name]),
      [LEFT_OUT, "leave it out"],
    ];
    const light = (on) => app.select(new Set(on ? ids : []));
    const select = h(
      "select",
      {
        "aria-label": `What this is: ${label || unnamed}, ${ids.length} strokes`,
        on: {
          change: () => select.value !== UNNAMED && this.scene.name(ids, select.value),
          focus: () => light(true),
          blur: () => light(false),
        },
      },
      options.map(([value, text]) => h("option", { value }, text)),
    );
    select.value = known ? label : label === LEFT_OUT ? LEFT_OUT : UNNAMED;
    const color = known?.rgb ?? "transparent";
    const swatch = h("span.swatch", { "aria-hidden": "true", style: { background: color } });
    const on = {
      pointerenter: () => light(true),
      pointerleave: () => document.activeElement !== select && light(false),
    };
    return h("li", { on }, swatch, select);
  }
}
