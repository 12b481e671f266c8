/** The layers: one pen each on a plotter, one thing each in a scene. New strokes go onto the chosen one. */

import { changeChosen } from "./edits.js";
import { FIRST_LAYER, layerOf, withLayer, withoutLayer } from "./document.js";
import { SIGNS } from "./icons.js";
import { button, group, h, replaceChildren, signButton } from "./ui.js";

export class LayersPanel {
  constructor(app) {
    this.app = app;
    this.list = h("ul.layers");
    this.title = group("Layers", this.list, this.#below());
    this.element = this.title;
    this.show();
  }

  show() {
    const { app } = this;
    const { layers } = app.doc;
    if (!layers.some(({ name }) => name === app.settings.layer))
      app.settings.layer = layers[0].name;
    const rows = layers.map((layer) => this.#row(layer, layers.length > 1));
    replaceChildren(this.list, rows);
    this.move.hidden = layers.length < 2;
  }

  #below() {
    const { app } = this;
    this.move = button("Move selected here", () => this.#moveChosen(), { kind: "link" });
    const add = button("New layer", () => this.#add(), { sign: SIGNS.plus, kind: "link" });
    app.history.addEventListener("change", () => {
      this.move.disabled = app.selection.size === 0;
    });
    return h("div.row", {}, add, this.move);
  }

  #row(layer, several) {
    const { app } = this;
    const chosen = app.settings.layer === layer.name;
    const count = app.doc.strokes.filter(
      (stroke) => layerOf(app.doc, stroke).name === layer.name,
    ).length;
    const name = h("input.layer-name", {
      type: "text",
      value: layer.name,
      "aria-label": `Name of layer ${layer.name}`,
      on: { change: () => this.#rename(layer, name), focus: () => this.#choose(layer) },
    });
    const radio = h("input", {
      type: "radio",
      name: "layer",
      checked: chosen,
      "aria-label": `Draw on layer ${layer.name}`,
      on: { change: () => this.#choose(layer) },
    });
    const eye = signButton(
      `${layer.hidden ? "Show" : "Hide"} layer ${layer.name}`,
      layer.hidden ? SIGNS.hidden : SIGNS.eye,
      () =>
        app.commit(
          withLayer(app.doc, layer.name, { hidden: !layer.hidden }),
          layer.hidden ? "showing a layer" : "hiding a layer",
        ),
    );
    const away = signButton(`Delete layer ${layer.name} and its strokes`, SIGNS.trash, () =>
      app.commit(withoutLayer(app.doc, layer.name), "deleting a layer"),
    );
    away.hidden = !several;
    return h(
      `li${layer.hidden ? ".is-hidden" : ""}`,
      {},
      radio,
      name,
      h("span.count", { "aria-label": `${count} strokes` }, String(count)),
      eye,
      away,
    );
  }

  #choose(layer) {
    const { app } = this;
    if (app.settings.layer === layer.name) return;
    app.settings.layer = layer.name;
    for (const radio of this.list.querySelectorAll('input[type="radio"]')) {
      radio.checked = radio.getAttribute("aria-label") === `Draw on layer ${layer.name}`;
    }
    app.remember();
  }

  #rename(layer, box) {
    const { app } = this;
    const name = box.value.trim();
    const taken = app.doc.layers.some((one) => one.name === name);
    if (!name || taken) {
      box.value = layer.name;
      if (taken && name !== layer.name) app.say.error(`There is a layer “${name}” already.`);
      return;
    }
    if (app.settings.layer === layer.name) app.settings.layer = name;
    app.commit(withLayer(app.doc, layer.name, { name }), "renaming a layer");
  }

  #add() {
    const { app } = this;
    const names = new Set(app.doc.layers.map(({ name }) => name));
    let number = app.doc.layers.length + 1;
    while (names.has(`layer ${number}`)) number += 1;
    const name = `layer ${number}`;
    app.settings.layer = name;
    app.commit({ ...app.doc, layers: [...app.doc.layers, { name, hidden: false }] }, "new layer");
  }

  #moveChosen() {
    const { layer } = this.app.settings;
    const first = this.app.doc.layers[0].name === layer && layer === FIRST_LAYER;
    changeChosen(this.app, { layer: first ? null : layer }, "moving to a layer");
  }
}
