/** Paint: a scene of labels, from strokes, brush and bucket, and the picture of it beside. */

import { newId } from "../document.js";
import { PICTURES, chooseFiles, putOnSheet } from "../files.js";
import { SIGNS } from "../icons.js";
import { UNLABELLED, colorMap, colorTable, mapSize } from "../labels.js";
import { NONE, Palette } from "../palette.js";
import { Progress, tellError, track } from "../progress.js";
import { exampleFile, openFile } from "../requests.js";
import { sheetSource } from "../save.js";
import { Scene } from "../scene.js";
import { brushTool } from "../tools/brush.js";
import { bucketTool } from "../tools/bucket.js";
import { button, check, choice, group, h, newSeed, seedField, slider } from "../ui.js";
import { fromBase64, toBase64 } from "../wire.js";

/** Share of the sheet above the horizon that a first scene has. */
const HORIZON = 0.58;

export function paintRoom(app) {
  const own = app.settings.paint;
  const progress = new Progress();
  const scene = new Scene(app, progress);
  const canvas = new OffscreenCanvas(1, 1);
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
  let colors = colorTable([]);

  // What is brushed and poured.
  const palette = new Palette((name) => chooseLabel(name));
  const brush = group(
    "Label",
    palette.element,
    slider("Brush", {
      min: 6,
      max: 200,
      step: 2,
      value: own.width,
      show: (v) => `${v} px`,
      input: (v) => {
        own.width = v;
        app.remember();
      },
    }),
    check(
      "In front of the things",
      own.front,
      (on) => {
        own.front = on;
        app.remember();
      },
      "Else brush and bucket lay their labels behind what is drawn",
    ),
    slider("Label colours", {
      min: 0.1,
      max: 1,
      step: 0.05,
      value: own.labels,
      show: (v) => `${Math.round(v * 100)} %`,
      input: (v) => {
        own.labels = v;
        app.remember();
        app.paper.redraw();
      },
    }),
  );

  // What the strokes are.
  const things = h("ul.things");
  const thingsNote = h("p.note");
  const gaps = h("p.note");
  const seen = group(
    "Things drawn",
    things,
    thingsNote,
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
    gaps,
  );

  // The picture.
  const image = h("img", {
    alt: "The picture painted of the scene",
    hidden: true,
    on: { click: (event) => chooseRegion(event) },
  });
  const empty = h("p.pad-hint");
  const frame = h("div.picture", {}, image, empty);
  const region = choice("In the picture", [], "", () => showAgain());
  const another = button("Another one", () => paintAnew(), { sign: SIGNS.dice });
  const before = button(
    "As it was",
    () => {
      delete own.regions[region.select.value];
      showAgain();
      repaint();
    },
    { kind: "link" },
  );
  const seed = seedField(own.seed, (number) => {
    own.seed = number;
    repaint();
  });
  const live = check("Paint as it changes", own.live, (on) => {
    own.live = on;
    app.remember();
    if (on) repaint();
  });
  const style = h("div.style");
  const below = h("div.picture-controls", {}, region, h("div.row", {}, another, before));
  const beside = h("div.painting", {}, frame, progress.element, below);
  const picture = group(
    "Picture",
    seed,
    live,
    button("Paint now", () => scene.paintSoon(true), { kind: "wide" }),
    style,
  );
  const panel = h("div.room-panel", {}, brush, seen, picture);
  // On a narrow screen the palette lies right below the sheet.
  const strip = h("div.palette-strip");
  const narrow = matchMedia("(max-width: 760px)");
  const placePalette = () =>
    narrow.matches
      ? strip.replaceChildren(palette.element)
      : brush.querySelector("h2").after(palette.element);
  narrow.addEventListener("change", placePalette);
  placePalette();

  function labels() {
    const all = app.about?.palettes?.scene ?? [];
    const known = app.about?.models.painter.labels ?? [];
    return known.length ? all.filter(({ name }) => known.includes(name)) : all;
  }

  function label() {
    if (own.label === NONE.name) return NONE;
    return labels().find(({ name }) => name === own.label) ?? labels()[0] ?? NONE;
  }

  function chooseLabel(name) {
    own.label = name;
    palette.show(labels(), name);
    if (!["brush", "bucket"].includes(app.settings.tool)) app.stage.use("brush");
    app.remember();
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

  function showThings() {
    const regions = scene.things?.regions ?? [];
    const rows = regions.map((thing) => thingRow(thing.label, thing.strokes, thing.name));
    const out = app.doc.strokes.filter(({ id }) => app.doc.names[id] === "").map(({ id }) => id);
    if (out.length) rows.push(thingRow("", out, null));
    things.replaceChildren(...rows);
    const recogniser = app.about?.models.recogniser;
    const unnamed = regions.some((thing) => !thing.label);
    thingsNote.textContent =
      regions.length === 0
        ? "Draw a tree, a house, a cloud: outlines become things."
        : unnamed && recogniser?.sentence
          ? `What is not named stays out of the picture. ${recogniser.sentence}`
          : unnamed
            ? "What is not named stays out of the picture."
            : "";
  }

  /** A thing: what it is taken for, and another name to choose. */
  function thingRow(name, ids, said) {
    const known = labels().find((one) => one.name === name);
    const options = [
      ["?", said && !name ? `“${said}”: not in the palette` : "not named"],
      ...labels().map((one) => [one.name, one.name]),
      ["", "leave it out"],
    ];
    const select = h(
      "select",
      {
        "aria-label": `What this is: ${name || "not named"}, ${ids.length} strokes`,
        on: {
          change: () => select.value !== "?" && scene.name(ids, select.value),
          focus: () => app.select(new Set(ids)),
          blur: () => app.select(new Set()),
        },
      },
      options.map(([value, text]) => h("option", { value }, text)),
    );
    select.value = known ? name : name === "" ? "" : "?";
    const swatch = h("span.swatch", {
      "aria-hidden": "true",
      style: { background: known?.rgb ?? "transparent" },
    });
    return h(
      "li",
      {
        on: {
          pointerenter: () => app.select(new Set(ids)),
          pointerleave: () => document.activeElement !== select && app.select(new Set()),
        },
      },
      swatch,
      select,
    );
  }

  function showRegions() {
    const bridged = scene.regions?.bridged ?? 0;
    gaps.textContent =
      bridged === 1
        ? "One gap is bridged for the bucket."
        : bridged
          ? `${bridged} gaps are bridged for the bucket.`
          : "";
  }

  function showPicture() {
    const { painter } = app.about?.models ?? {};
    const missing = painter && (painter.state === "missing" || painter.state === "failed");
    image.hidden = !scene.picture;
    if (scene.picture) image.src = scene.picture.address;
    empty.textContent = missing
      ? painter.sentence
      : scene.picture
        ? ""
        : "The picture of your scene appears here.";
    frame.classList.toggle("missing", Boolean(missing));
    frame.style.setProperty("aspect-ratio", app.doc.size.join(" / "));
    frame.style.setProperty("--ratio", String(app.doc.size[0] / app.doc.size[1]));
    if (scene.picture) app.say.speak("The picture is painted");
    const there = new Set(scene.map.pixels);
    const names = labels()
      .filter(({ pixel }) => there.has(pixel))
      .map(({ name }) => [name, name]);
    const chosen = region.select.value;
    region.select.replaceChildren(...names.map(([value, text]) => h("option", { value }, text)));
    region.select.value = names.some(([name]) => name === chosen)
      ? chosen
      : names.some(([name]) => name === "sky")
        ? "sky"
        : (names[0]?.[0] ?? "");
    below.hidden = !scene.picture || names.length === 0;
    showAgain();
  }

  function showAgain() {
    const name = region.select.value;
    another.querySelector("span").textContent = `Another ${name}`;
    before.hidden = !(name in own.regions);
  }

  /** The label under the pointer on the picture is the one to paint anew. */
  function chooseRegion(event) {
    const { left, top, width, height } = image.getBoundingClientRect();
    const { size, pixels } = scene.map;
    const [x, y] = [
      Math.floor(((event.clientX - left) / width) * size[0]),
      Math.floor(((event.clientY - top) / height) * size[1]),
    ];
    const found = labels().find(({ pixel }) => pixel === pixels[y * size[0] + x]);
    if (!found) return;
    region.select.value = found.name;
    showAgain();
  }

  function paintAnew() {
    own.regions = { ...own.regions, [region.select.value]: newSeed() };
    showAgain();
    repaint(true);
  }

  function repaint(now = false) {
    app.remember();
    scene.paintSoon(now);
  }

  function showStyle() {
    const can = app.about?.models.painter.style_picture;
    const choose = button(
      scene.style ? "Another style picture" : "Style from a picture",
      () => chooseFiles(app, { accept: PICTURES, act: takeStyle }),
      { sign: SIGNS.open, kind: "link" },
    );
    const none =
      scene.style &&
      button(
        "No style",
        () => {
          scene.style = null;
          showStyle();
          repaint();
        },
        { kind: "link" },
      );
    const shown =
      scene.style && h("img", { src: scene.style.preview, alt: `Style: ${scene.style.name}` });
    style.replaceChildren(
      ...(can ? [shown, h("div.row", {}, choose, none || null)].filter(Boolean) : []),
    );
  }

  async function takeStyle(file) {
    const opened = await track(
      app,
      openFile(app.token, file, { asPicture: true }),
      `Opening ${file.name}`,
    );
    if (!opened) return;
    scene.style = { id: opened.picture, preview: opened.preview, name: file.name };
    showStyle();
    repaint();
  }

  /** Sky over grass: somewhere to begin. */
  function firstScene() {
    const size = mapSize(app.doc.size);
    const cut = Math.round(size[1] * HORIZON) * size[0];
    const pour = (name, runs) => ({
      id: newId(),
      kind: "fill",
      label: name,
      pixel: labels().find((one) => one.name === name)?.pixel ?? UNLABELLED,
      size,
      runs,
      front: false,
    });
    const marks = [pour("sky", [0, cut]), pour("grass", [cut, size[0] * size[1]])];
    app.commit({ ...app.doc, marks: [...marks, ...app.doc.marks] }, "sky and grass");
  }

  async function example() {
    try {
      const file = await exampleFile(app.token, "doodle_scene.svg");
      const { drawings } = await openFile(app.token, file);
      putOnSheet(app, drawings[0], file.name);
      firstScene();
      app.paper.fit();
    } catch (error) {
      tellError(app, error);
    }
  }

  const room = {
    name: "paint",
    title: "Paint",
    shortcut: "Alt 4",
    panel,
    beside,
    get strip() {
      return narrow.matches ? strip : null;
    },
    tools: [brushTool(app, tools), bucketTool(app, tools)],
    keys: [["[ ]", "Brush narrower, wider"]],
    sources() {
      const { size, pixels } = scene.map;
      const any = pixels.some((pixel) => pixel !== UNLABELLED);
      const sheet = { ...sheetSource(app), name: "The scene", word: "scene", whole: true };
      if (any) sheet.labels = { size, vocabulary: "scene", pixels: toBase64(pixels) };
      if (scene.picture) sheet.picture = scene.picture.address;
      return any ? [sheet] : [];
    },
    enter() {
      drawMap();
      showThings();
      showPicture();
      scene.askSoon();
      scene.paintSoon();
    },
    leave() {
      app.live.cancelSlot("paint");
    },
    aboutChanged() {
      scene.palette = app.about?.palettes?.scene ?? [];
      colors = colorTable(scene.palette);
      own.label ??= labels()[0] ? "grass" : null;
      palette.show(labels(), label().name);
      showStyle();
      drawMap();
      showPicture();
      scene.askSoon();
      scene.paintSoon();
    },
    serverBack: () => scene.again(),
    changed: () => scene.changed(),
    takePicture() {
      return false; // a picture is a scan: the Clean room's
    },
    takeLabels({ size, pixels }) {
      const mark = {
        id: newId(),
        kind: "map",
        label: "opened",
        size,
        pixels: fromBase64(pixels),
        front: false,
      };
      const empty = app.doc.strokes.length === 0 && app.doc.marks.length === 0;
      const scale = Math.max(...app.doc.size) / Math.max(...size);
      const sheet = empty ? size.map((side) => Math.round(side * scale)) : app.doc.size;
      app.commit(
        { ...app.doc, size: sheet, marks: [...app.doc.marks, mark] },
        "opening a label map",
      );
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
      const field = brush.querySelector("input[type=range]");
      own.width = Math.min(200, Math.max(6, own.width * (key === "]" ? 1.25 : 0.8)));
      field.value = own.width;
      field.dispatchEvent(new Event("input"));
      app.paper.refresh();
      return true;
    },
  };
  app.paper.under.push(paintMap);
  scene.addEventListener("map", drawMap);
  scene.addEventListener("things", showThings);
  scene.addEventListener("regions", showRegions);
  scene.addEventListener("picture", showPicture);
  return room;
}
