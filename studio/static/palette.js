/** The palette of labels: named, in their colours, in families that one would look for them in. */

import { UNLABELLED } from "./labels.js";
import { h } from "./ui.js";

const FAMILIES = [
  ["Sky", ["sky", "clouds", "sun", "fog"]],
  [
    "Land",
    ["mountain", "hill", "grass", "playing field", "path", "road", "dirt", "sand", "rock", "snow"],
  ],
  ["Water", ["water", "river", "sea"]],
  ["Plants", ["tree", "bush", "plant", "flower"]],
  [
    "Built",
    ["house", "building", "skyscraper", "bridge", "fence", "tent", "bench", "slide", "swing"],
  ],
  ["Things", []],
];

/** What takes a label away. */
export const NONE = { id: 0, pixel: UNLABELLED, name: "no label", rgb: "#b9b2a4" };

export class Palette {
  /** @param {function} choose is told of a label's name. */
  constructor(choose) {
    this.choose = choose;
    this.element = h("div.palette");
  }

  /** Shows labels: [{ name, rgb, ... }]; `chosen` is a name. */
  show(labels, chosen) {
    const key = labels.map(({ name }) => name).join();
    if (key !== this.key) this.#build(labels);
    this.key = key;
    for (const chip of this.element.querySelectorAll(".chip"))
      chip.setAttribute("aria-pressed", String(chip.dataset.label === chosen));
  }

  #build(labels) {
    const placed = new Set(FAMILIES.flatMap(([, names]) => names));
    const families = FAMILIES.map(([title, names]) => {
      const known = names
        .map((name) => labels.find((label) => label.name === name))
        .filter(Boolean);
      const rest = names.length ? [] : labels.filter(({ name }) => !placed.has(name));
      return [title, [...known, ...rest]];
    });
    const rows = families
      .filter(([, ones]) => ones.length)
      .map(([title, ones]) =>
        h(
          "div.family",
          { role: "group", "aria-label": title },
          h("h3", {}, title),
          h(
            "div.chips",
            {},
            ones.map((one) => this.#chip(one)),
          ),
        ),
      );
    this.element.replaceChildren(
      ...rows,
      h("div.family", {}, h("div.chips", {}, this.#chip(NONE))),
    );
  }

  #chip({ name, rgb }) {
    const swatch = h("span.swatch", { "aria-hidden": "true", style: { background: rgb } });
    return h(
      "button.chip",
      {
        type: "button",
        "data-label": name,
        "aria-pressed": "false",
        on: { click: () => this.choose(name) },
      },
      swatch,
      name,
    );
  }
}

/** The labels that can be painted: those that the painter knows, or the whole vocabulary. */
export function paintableLabels(app) {
  const all = app.about?.palettes?.scene ?? [];
  const known = app.about?.models.painter.labels ?? [];
  return known.length ? all.filter(({ name }) => known.includes(name)) : all;
}
