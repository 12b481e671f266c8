/** Clean: a rough sketch, scanned or photographed, becomes strokes that lie over it and can be edited. */

import { FIRST_LAYER, addStrokes, newId } from "../document.js";
import { PICTURES, chooseFiles, takeFile } from "../files.js";
import { SIGNS } from "../icons.js";
import { Progress, tellError } from "../progress.js";
import { exampleFile, openFile } from "../requests.js";
import { button, check, choice, group, h, slider, soon } from "../ui.js";
import { strokesOf } from "../wire.js";

/** ms after a slider moved. */
const REST = 180;
/** px of the longer side of the sheet that a scan brings with it, where the sheet is empty. */
const SIDE = 960;
/** Share of a sheet that holds drawings already. */
const INSIDE = 0.92;

export function cleanRoom(app) {
  const own = app.settings.clean;
  const progress = new Progress();
  const picture = { id: null, of: null }; // what the server calls the scan, and which scan that is
  let image = null; // { of, scan, cleaned }: bitmaps for the sheet
  let asked = null;

  const strength = slider("Strength", {
    min: 0,
    max: 1,
    step: 0.05,
    value: own.strength,
    show: (v) =>
      v < 0.25 ? `${v} · keep faint lines` : v > 0.75 ? `${v} · only sure lines` : String(v),
    input: (v) => {
      own.strength = v;
      again();
    },
  });
  const layers = check(
    "A layer for each pen's colour",
    own.layers,
    (on) => {
      own.layers = on;
      again();
    },
    "Of pictures that are traced as they are",
  );
  const clean = check(
    "Clean the sketch first",
    own.clean,
    (on) => {
      own.clean = on;
      show();
      again();
    },
    "Off: trace line art that is clean already",
  );
  const controls = group(
    null,
    clean,
    strength,
    slider("Gaps closed up to", {
      min: 0,
      max: 12,
      step: 0.2,
      value: own.gap,
      show: (v) => `${v.toFixed(1)} line widths`,
      input: (v) => {
        own.gap = v;
        again();
      },
    }),
    slider("Steadiness", {
      min: 0.1,
      max: 3,
      step: 0.1,
      value: own.accuracy,
      show: (v) => `${v.toFixed(1)} px off the ink`,
      input: (v) => {
        own.accuracy = v;
        again();
      },
    }),
    choice(
      "Width",
      [
        ["measured", "as measured, one a stroke"],
        ["varied", "swelling along the stroke"],
        ["pen", "my pen's"],
      ],
      own.varied ? "varied" : own.pen ? "pen" : "measured",
      (way) => {
        own.varied = way === "varied";
        own.pen = way === "pen";
        again();
      },
    ),
    layers,
    progress.element,
  );
  const scanGroup = group(
    "The scan",
    choice(
      "Below the strokes",
      [
        ["scan", "the scan"],
        ["cleaned", "what the network drew"],
        ["none", "nothing"],
      ],
      own.below,
      (what) => {
        own.below = what;
        app.remember();
        app.paper.redraw();
      },
    ),
    slider("Opacity", {
      min: 0,
      max: 1,
      step: 0.05,
      value: own.opacity,
      show: (v) => `${Math.round(v * 100)} %`,
      input: (v) => {
        own.opacity = v;
        app.remember();
        app.paper.redraw();
      },
    }),
    h(
      "div.row",
      {},
      button("Another picture", () => choose(), { sign: SIGNS.open, kind: "link" }),
      button("Take it away", () => app.commit({ ...app.doc, scan: null }, "taking the scan away"), {
        sign: SIGNS.trash,
        kind: "link",
      }),
    ),
  );
  const repair = group(
    "Repair",
    h(
      "p.note",
      {},
      "Select strokes to move, smooth or delete them, or to close a gap between their ends.",
    ),
    slider("Gap to close", {
      min: 4,
      max: 120,
      step: 2,
      value: app.settings.gap,
      show: (v) => `${v} px`,
      input: (v) => {
        app.settings.gap = v;
        app.remember();
      },
    }),
  );
  const reason = h("p.note");
  const begin = group(
    null,
    button("Open a sketch", () => choose(), { sign: SIGNS.open, kind: "main" }),
    button("Take a photo", () => choose(true), { sign: SIGNS.camera }),
    h("p.note", {}, "Or drop a picture on the page, or paste one."),
    reason,
  );
  const panel = h("div.room-panel", {}, begin, controls, scanGroup, repair);
  const againSoon = soon(() => run(), REST);

  const choose = (camera = false) => chooseFiles(app, { accept: PICTURES, camera });

  function again() {
    app.remember();
    againSoon();
  }

  function show() {
    const { scan } = app.doc;
    begin.hidden = Boolean(scan);
    controls.hidden = scanGroup.hidden = !scan;
    repair.hidden = app.doc.strokes.length === 0;
    strength.range.disabled = !own.clean;
    layers.box.disabled = own.clean;
  }

  /** The bitmaps of the scan that the document has. */
  async function load(scan) {
    if (image?.of === scan) return;
    image = { of: scan, scan: await createImageBitmap(scan.preview), cleaned: null };
    app.paper.redraw();
  }

  /** Asks for the strokes of the scan, and puts them in place of those from before. */
  async function run() {
    const { scan } = app.doc;
    if (!scan || app.room !== room) return;
    const settings = {
      clean: own.clean,
      strength: own.strength,
      gap: own.gap,
      accuracy: own.accuracy,
      line_width: null,
      vary_width: own.varied,
      layers: own.layers && !own.clean,
    };
    const key = JSON.stringify([scan.id, settings, own.pen]);
    if (key === asked) return;
    asked = key;
    let request = { cancel() {} };
    progress.begin(own.clean ? "Cleaning" : "Tracing", () => request.cancel());
    try {
      if (picture.of !== scan.id) await reopen(scan);
      const ask = () =>
        (request = app.live.ask(
          "clean",
          { picture: picture.id, ...settings },
          { on: (message) => message.type === "progress" && progress.tell(message) },
        ));
      let result;
      try {
        result = await ask();
      } catch (error) {
        if (!/open it again/i.test(error.message)) throw error;
        await reopen(scan);
        result = await ask();
      }
      if (app.doc.scan?.id === scan.id && asked === key) await place(scan, result);
    } catch (error) {
      if (asked === key) asked = null;
      tellError(app, error);
    } finally {
      if (asked === key || asked === null) progress.end();
    }
  }

  /** The server forgets pictures: it gets this one again. */
  async function reopen(scan) {
    const opened = await openFile(app.token, new File([scan.file], scan.name), { asPicture: true });
    Object.assign(picture, { id: opened.picture, of: scan.id });
  }

  async function place(scan, { drawing, size, preview, empty }) {
    const [x, y, width] = scan.box;
    const scale = width / size[0];
    const strokes = strokesOf(drawing, "scan").map((stroke) => ({
      ...stroke,
      points: stroke.points.map((point) => [point[0] * scale + x, point[1] * scale + y]),
      width: own.pen ? app.settings.pen.width : stroke.width && stroke.width * scale,
      layer: own.layers && !own.clean ? stroke.layer : layerName(),
    }));
    if (preview && image)
      image.cleaned = await createImageBitmap(await (await fetch(preview)).blob());
    const merge = `trace-${scan.id}`;
    const last = app.history.past.at(-1);
    const edited = last?.merge !== merge && app.doc.strokes.some(({ from }) => from === "scan");
    const kept = app.doc.strokes.filter(({ from }) => from !== "scan");
    app.commit(addStrokes({ ...app.doc, strokes: kept }, strokes), "tracing", { merge });
    if (empty)
      app.say.show(
        "No lines stand out of this paper. Lower the strength, or take a sharper photo.",
      );
    else if (edited)
      app.say.show("Traced anew; your changes of the strokes are one undo away.", {
        act: { name: "Undo", run: () => app.undo() },
      });
    else app.say.speak(`${strokes.length} strokes`);
    app.paper.redraw();
  }

  const layerName = () => (app.settings.layer === FIRST_LAYER ? null : app.settings.layer);

  function paint(context) {
    const { scan } = app.doc;
    if (app.room !== room || !scan || image?.of !== scan) return;
    const bitmap = { scan: image.scan, cleaned: image.cleaned ?? image.scan, none: null }[
      own.below
    ];
    if (!bitmap) return;
    context.save();
    context.globalAlpha = own.opacity;
    context.globalCompositeOperation = "multiply"; // white paper on the sheet's paper
    context.drawImage(bitmap, ...scan.box);
    context.restore();
  }

  async function example() {
    const file = await exampleFile("photo.jpg").catch((error) => tellError(app, error));
    if (file) takeFile(app, file);
  }

  const room = {
    name: "clean",
    title: "Clean",
    shortcut: "Alt 3",
    panel,
    enter: show,
    aboutChanged() {
      const { cleaner } = app.about?.models ?? {};
      reason.textContent = cleaner?.sentence ?? "";
    },
    serverBack: () => {
      picture.of = null;
      asked = null;
      againSoon();
    },
    changed(doc) {
      show();
      if (!doc.scan) return;
      load(doc.scan).catch((error) => tellError(app, error));
      if (!doc.strokes.some(({ from }) => from === "scan") && picture.of !== doc.scan.id)
        againSoon();
    },
    /** A picture that was opened: onto the sheet, which takes its shape where it is empty. */
    async takePicture({ picture: id, size, preview }, file) {
      const { doc } = app;
      const fresh = doc.strokes.every(({ from }) => from === "scan") && doc.marks.length === 0;
      const scale = SIDE / Math.max(...size);
      const sheet = fresh ? size.map((side) => Math.max(1, Math.round(side * scale))) : doc.size;
      const fit = (fresh ? 1 : INSIDE) * Math.min(sheet[0] / size[0], sheet[1] / size[1]);
      const [width, height] = size.map((side) => side * fit);
      const box = [(sheet[0] - width) / 2, (sheet[1] - height) / 2, width, height];
      const scan = {
        id: newId(),
        name: file.name || "pasted.png",
        file,
        preview: await (await fetch(preview)).blob(),
        size,
        box,
      };
      Object.assign(picture, { id, of: scan.id });
      const strokes = doc.strokes.filter(({ from }) => from !== "scan");
      app.commit({ ...doc, size: sheet, scan, strokes }, "opening a scan");
      app.paper.fit();
      run();
    },
    hint: (doc) =>
      doc.scan || doc.strokes.length
        ? null
        : [
            h("strong", {}, "Drop a rough sketch here."),
            h(
              "span",
              {},
              "A scan, a photo of paper, a screenshot: it becomes clean strokes that you can edit.",
            ),
            h(
              "div.row",
              {},
              button("Open one", () => choose()),
              button("Try an example", example),
            ),
          ],
  };
  app.paper.under.push(paint);
  return room;
}
