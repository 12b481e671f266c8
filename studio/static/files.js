/** Files in: chosen, dropped or pasted. A drawing goes onto the sheet, a picture to the Clean room. */

import { addStrokes, isEmpty } from "./document.js";
import { intoBox } from "./placing.js";
import { track } from "./progress.js";
import { openFile } from "./requests.js";
import { h } from "./ui.js";
import { strokesOf } from "./wire.js";

export const DRAWINGS = ".svg,.ndjson,.jsonl,.npz";
export const PICTURES = "image/*";
/** Share of the sheet that a smaller drawing is brought to. */
const ROOM = 0.8;

/** Asks for a file; `act` is told of it, else the studio opens it. */
export function chooseFiles(
  app,
  { accept = `${DRAWINGS},${PICTURES}`, camera = false, act = (file) => takeFile(app, file) } = {},
) {
  const input = h("input.unseen", {
    type: "file",
    accept,
    capture: camera ? "environment" : null,
    "aria-hidden": "true",
    tabindex: "-1",
  });
  input.addEventListener("change", () => {
    if (input.files[0]) act(input.files[0]);
    input.remove();
  });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

/** Opens a file in the place that it fits. */
export async function takeFile(app, file) {
  const asPicture = app.room.name === "clean";
  const control = new AbortController();
  const opened = await track(
    app,
    openFile(app.token, file, { asPicture, signal: control.signal }),
    `Opening ${file.name}`,
    () => control.abort(),
  );
  if (!opened) return;
  app.say.clearErrors();
  if (opened.kind === "picture") {
    app.enter("clean");
    app.room.takePicture(opened, file);
  } else if (opened.kind === "labels") {
    app.enter("paint");
    app.room.takeLabels(opened.labels);
  } else if (app.room.takeDrawings) app.room.takeDrawings(opened.drawings);
  else putOnSheet(app, opened.drawings[0], file.name);
  if (opened.total > opened.drawings?.length)
    app.say.show(`${file.name} holds ${opened.total} drawings; the first ones are here.`);
}

/** A drawing onto the sheet: as it is where it fits, else scaled into the middle. */
export function putOnSheet(app, drawing, name) {
  if (!drawing?.strokes.length) return app.say.error(`${name} has no strokes in it.`);
  const empty = isEmpty(app.doc);
  const doc = empty
    ? {
        ...app.doc,
        size: sheetFor(drawing.size, app.doc.size),
        word: drawing.label ?? app.doc.word,
      }
    : app.doc;
  const strokes = fitted(strokesOf(drawing, "file"), drawing.size, doc.size);
  app.commit(addStrokes(doc, strokes), "opening a file");
}

/** The sheet's size for a drawing that is the first on it: its own, unless it is a small canvas. */
const sheetFor = (size, sheet) =>
  Math.max(...size) >= Math.min(...sheet) && Math.max(...size) <= 4 * Math.max(...sheet)
    ? size
    : sheet;

/** Strokes of one canvas on another: untouched where they fit its size, else scaled to its middle. */
function fitted(strokes, from, [width, height]) {
  if (from[0] === width && from[1] === height) return strokes;
  const [left, top] = [(width * (1 - ROOM)) / 2, (height * (1 - ROOM)) / 2];
  return intoBox(strokes, [left, top, width - left, height - top]);
}

/** What is dropped on the page or pasted into it. */
export function bindDropAndPaste(app) {
  const root = document.documentElement;
  addEventListener("dragover", (event) => {
    event.preventDefault();
    root.dataset.dropping = "true";
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete root.dataset.dropping;
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    delete root.dataset.dropping;
    const file = event.dataTransfer.files[0];
    if (file) takeFile(app, file);
  });
  addEventListener("paste", (event) => {
    if (event.target.closest?.("input, textarea")) return;
    const file = [...event.clipboardData.files][0];
    const text = event.clipboardData.getData("text/plain").trim();
    if (file) takeFile(app, file);
    else if (text.includes("<svg")) takeFile(app, new File([text], "pasted.svg"));
    else if (text.startsWith("{")) takeFile(app, new File([text], "pasted.ndjson"));
    else return;
    event.preventDefault();
  });
}
