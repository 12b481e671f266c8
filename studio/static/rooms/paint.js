/** Paint: a scene of labels, from strokes, brush and bucket, and the picture of it beside. */

import { newId } from "../document.js";
import { putOnSheet } from "../files.js";
import { UNLABELLED, colorMap, colorTable, mapSize } from "../labels.js";
import { Painted } from "../painted.js";
import { NONE, Palette, paintableLabels } from "../palette.js";
import { Progress, tellError } from "../progress.js";
import { exampleFile, openFile } from "../requests.js";
import { sheetSource } from "../save.js";
import { Scene } from "../scene.js";
import { Things } from "../things.js";
import { brushTool } from "../tools/brush.js";
import { bucketTool } from "../tools/bucket.js";
import { button, check, group, h, slider } from "../ui.js";
import { fromBase64, toBase64 } from "../wire.js";

/** Share of the sheet above the horizon that a first scene has. */
const HORIZON = 0.58;
/** px of the sheet: narrowest and widest brush, and what a press of [ or ] makes of it. */
const BRUSH = { min: 6, max: 200, step: 2 };
const WIDER = 1.25;
/** CSS px: on a narrower screen the palette lies right below the sheet. */
const NARROW = "(max-width: 760px)";

export function paintRoom(app) {
  const own = app.settings.paint;
  const progress = new Progress();
  const scene = new Scene(app, progress);
  const painted = new Painted(app, scene, progress);
  const things = new Things(app, scene);
  const canvas = new OffscreenCanvas(1, 1);
  let colors = colorTable([]);

  const palette = new Palette((name) => chooseLabel(name));
  const width = slider("Brush", {
    ...BRUSH,
    value: own.width,
    show: (v) => `${Math.round(v)} px`,
    input: (v) => set({ width: v }),
  });
  const brush = group(
    "Label",
    width,
    check(
      "In front of the things",
      own.front,
      (front) => set({ front }),
      "Else brush and bucket lay their labels behind what is drawn",
    ),
    slider("Label colours", {
      min: 0.1,
      max: 1,
      step: 0.05,
      value: own.labels,
      show: (v) => `${Math.round(v * 100)} %`,
      input: (v) => {
        set({ labels: v });
        app.paper.redraw();
      },
    }),
  );
  const strip = h("div.palette-strip");
  const narrow = matchMedia(NARROW);
  narrow.addEventListener("change", placePalette);
  placePalette();

  const tools = {
    label,
    width: () => own.width,
    front: () => own.front,
    numbers: () => scene.numbers,
    map: () => scene.map,
    preview: (mark) => {
      scene.preview = mark;
      drawMap();
    },
  };

  function set(change) {
    Object.assign(own, change);
    app.remember();
  }

  function placePalette() {
    if (narrow.matches) strip.replaceChildren(palette.element);
    else brush.querySelector("h2").after(palette.element);
  }

  function label() {
    if (own.label === NONE.name) return NONE;
    const labels = paintableLabels(app);
    return labels.find(({ name }) => name === own.label) ?? labels[0] ?? NONE;
  }

  function chooseLabel(name) {
    set({ label: name });
    palette.show(paintableLabels(app), name);
    if (!["brush", "bucket"].includes(app.settings.tool)) app.stage.use("brush");
  }

  function drawMap() {
    colorMap(canvas, scene.map, colors);
    app.paper.redraw();
  }

  function paintMap(context) {
    if (app.room !== room) return;
    context.save();
    context.globalAlpha = own.labels;
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas, 0, 0, ...app.doc.size);
    context.restore();
  }

  /** Sky over grass: somewhere to begin. */
  function firstScene() {
    const size = mapSize(app.doc.size);
    const cut = Math.round(size[1] * HORIZON) * size[0];
    const pour = (name, runs) => {
      const pixel = paintableLabels(app).find((one) => one.name === name)?.pixel ?? UNLABELLED;
      return { id: newId(), kind: "fill", label: name, pixel, size, runs, front: false };
    };
    const marks = [pour("sky", [0, cut]), pour("grass", [cut, size[0] * size[1]])];
    app.commit({ ...app.doc, marks: [...marks, ...app.doc.marks] }, "sky and grass");
  }

  async function example() {
    try {
      const file = await exampleFile("doodle_scene.svg");
      const { drawings } = await openFile(app.token, file);
      putOnSheet(app, drawings[0], file.name);
      firstScene();
      app.paper.fit();
    } catch (error) {
      tellError(app, error);
    }
  }

  function showAll() {
    drawMap();
    things.show();
    painted.show();
    scene.askSoon();
    scene.paintSoon();
  }

  const room = {
    name: "paint",
    title: "Paint",
    shortcut: "Alt 4",
    panel: h("div.room-panel", {}, brush, things.element, painted.panel),
    beside: painted.element,
    get strip() {
      return narrow.matches ? strip : null;
    },
    tools: [brushTool(app, tools), bucketTool(app, tools)],
    keys: [["[ ]", "Brush narrower, wider"]],
    sources() {
      const { size, pixels } = scene.map;
      if (pixels.every((pixel) => pixel === UNLABELLED)) return [];
      const labels = { size, vocabulary: "scene", pixels: toBase64(pixels) };
      const picture = scene.picture?.address;
      const sheet = sheetSource(app);
      return [{ ...sheet, name: "The scene", word: "scene", whole: true, labels, picture }];
    },
    enter: showAll,
    leave: () => app.live.cancelSlot("paint"),
    aboutChanged() {
      scene.palette = app.about?.palettes?.scene ?? [];
      colors = colorTable(scene.palette);
      if (scene.palette.length) own.label ??= "grass";
      palette.show(paintableLabels(app), label().name);
      painted.showStyle();
      showAll();
    },
    serverBack: () => scene.again(),
    changed: () => scene.changed(),
    penUp: () => scene.paintSoon(),
    takeLabels({ size, pixels }) {
      const kind = { kind: "map", label: "opened", front: false };
      const mark = { id: newId(), ...kind, size, pixels: fromBase64(pixels) };
      const empty = app.doc.strokes.length === 0 && app.doc.marks.length === 0;
      const scale = Math.max(...app.doc.size) / Math.max(...size);
      const sheet = empty ? size.map((side) => Math.round(side * scale)) : app.doc.size;
      app.commit({ ...app.doc, size: sheet, marks: [...app.doc.marks, mark] }, "opening labels");
      app.paper.fit();
    },
    hint: (doc) =>
      doc.marks.length || doc.strokes.length
        ? null
        : [
            h("strong", {}, "Paint a scene with names."),
            h("span", {}, "Brush sky and grass, draw a tree: the picture appears beside it."),
            h(
              "div.row",
              {},
              button("Begin with sky and grass", firstScene),
              button("Try an example", example),
            ),
          ],
    key({ key, ctrlKey, metaKey }) {
      if (ctrlKey || metaKey || !["[", "]"].includes(key)) return false;
      const wide = own.width * (key === "]" ? WIDER : 1 / WIDER);
      set({ width: Math.min(BRUSH.max, Math.max(BRUSH.min, wide)) });
      width.set(own.width);
      app.paper.refresh();
      return true;
    },
  };
  app.paper.under.push(paintMap);
  scene.addEventListener("map", drawMap);
  return room;
}
