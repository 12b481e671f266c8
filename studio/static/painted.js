/** The picture beside the scene: shown, painted anew in one region, with a seed and a style. */

import { PICTURES, chooseFiles } from "./files.js";
import { SIGNS } from "./icons.js";
import { paintableLabels } from "./palette.js";
import { track } from "./progress.js";
import { openFile } from "./requests.js";
import { button, check, choice, group, h, newSeed, seedField } from "./ui.js";

export class Painted {
  constructor(app, scene, progress) {
    Object.assign(this, { app, scene });
    this.own = app.settings.paint;
    this.image = h("img", {
      alt: "The picture painted of the scene",
      hidden: true,
      on: { click: (event) => this.#chooseRegion(event) },
    });
    this.empty = h("p.pad-hint");
    this.frame = h("div.picture", {}, this.image, this.empty);
    this.region = choice("In the picture", [], "", () => this.#showAgain());
    this.another = button("Another one", () => this.#anew(), { sign: SIGNS.dice });
    this.before = button("As it was", () => this.#asBefore(), { kind: "link" });
    const row = h("div.row", {}, this.another, this.before);
    this.below = h("div.picture-controls", {}, this.region, row);
    this.element = h("div.painting", {}, this.frame, progress.element, this.below);
    this.style = h("div.style");
    this.panel = this.#buildPanel();
    scene.addEventListener("painting", () => this.element.setAttribute("aria-busy", "true"));
    scene.addEventListener("picture", () => {
      this.element.setAttribute("aria-busy", "false");
      this.show();
    });
  }

  show() {
    const { app, scene } = this;
    const { painter } = app.about?.models ?? {};
    const missing = painter?.state === "missing" || painter?.state === "failed";
    this.image.hidden = !scene.picture;
    if (scene.picture) {
      this.image.src = scene.picture.address;
      app.say.speak("The picture is painted");
    }
    const waiting = scene.picture ? "" : "The picture of your scene appears here.";
    this.empty.textContent = missing ? painter.sentence : waiting;
    this.frame.classList.toggle("missing", missing);
    const [width, height] = app.doc.size;
    this.frame.style.setProperty("aspect-ratio", `${width} / ${height}`);
    this.frame.style.setProperty("--ratio", String(width / height));
    this.#showRegions();
  }

  showStyle() {
    const { scene } = this;
    if (!this.app.about?.models.painter.style_picture) return this.style.replaceChildren();
    const words = scene.style ? "Another style picture" : "Style from a picture";
    const choose = button(
      words,
      () => chooseFiles(this.app, { accept: PICTURES, act: (file) => this.#takeStyle(file) }),
      { sign: SIGNS.open, kind: "link" },
    );
    if (!scene.style) return this.style.replaceChildren(choose);
    const shown = h("img", { src: scene.style.preview, alt: `Style: ${scene.style.name}` });
    const none = button("No style", () => this.#setStyle(null), { kind: "link" });
    return this.style.replaceChildren(shown, h("div.row", {}, choose, none));
  }

  #buildPanel() {
    const { own } = this;
    const seed = seedField(own.seed, (number) => {
      own.seed = number;
      this.#repaint();
    });
    const live = check("Paint as it changes", own.live, (on) => {
      own.live = on;
      this.#repaint();
    });
    const now = button("Paint now", () => this.scene.paintSoon(true), { kind: "wide" });
    return group("Picture", seed, live, now, this.style);
  }

  /** The labels that are there to choose from; the sky first, for that is what people change. */
  #showRegions() {
    const there = new Set(this.scene.map.pixels);
    const names = paintableLabels(this.app)
      .filter(({ pixel }) => there.has(pixel))
      .map(({ name }) => name);
    const { select } = this.region;
    const before = select.value;
    select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    const usual = names.includes("sky") ? "sky" : names[0];
    select.value = names.includes(before) ? before : (usual ?? "");
    this.below.hidden = !this.scene.picture || names.length === 0;
    this.#showAgain();
  }

  #showAgain() {
    const name = this.region.select.value;
    this.another.querySelector("span").textContent = `Another ${name}`;
    this.before.hidden = !(name in this.own.regions);
  }

  /** The label under the pointer on the picture is the one to paint anew. */
  #chooseRegion(event) {
    const { left, top, width, height } = this.image.getBoundingClientRect();
    const { size, pixels } = this.scene.map;
    const x = Math.floor(((event.clientX - left) / width) * size[0]);
    const y = Math.floor(((event.clientY - top) / height) * size[1]);
    const pixel = pixels[y * size[0] + x];
    const found = paintableLabels(this.app).find((label) => label.pixel === pixel);
    if (!found) return;
    this.region.select.value = found.name;
    this.#showAgain();
  }

  #anew() {
    this.own.regions = { ...this.own.regions, [this.region.select.value]: newSeed() };
    this.#showAgain();
    this.#repaint(true);
  }

  #asBefore() {
    const { [this.region.select.value]: gone, ...rest } = this.own.regions;
    this.own.regions = gone === undefined ? this.own.regions : rest;
    this.#showAgain();
    this.#repaint(true);
  }

  async #takeStyle(file) {
    const request = openFile(this.app.token, file, { asPicture: true });
    const opened = await track(this.app, request, `Opening ${file.name}`);
    if (!opened) return;
    const { picture: id, preview } = opened;
    this.#setStyle({ id, preview, name: file.name });
  }

  #setStyle(style) {
    this.scene.style = style;
    this.showStyle();
    this.#repaint(true);
  }

  #repaint(now = false) {
    this.app.remember();
    this.scene.paintSoon(now);
  }
}
