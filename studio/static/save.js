/** The dialog that saves: every format as a download or onto the clipboard, of what the room has. */

import { SIGNS } from "./icons.js";
import { track } from "./progress.js";
import { exportFile } from "./requests.js";
import { button, choice, h, signButton, slider, textField } from "./ui.js";
import { drawingOf, ndjsonOf } from "./wire.js";

/** Name, suffix, for what, which part of a source it takes, and how it goes onto the clipboard. */
const FORMATS = [
  {
    format: "svg",
    name: "SVG",
    what: "lines in mm, a layer for each pen: plotters, Inkscape",
    of: "drawings",
  },
  { format: "png", name: "PNG", what: "a picture on white", of: "drawings" },
  {
    format: "gif",
    name: "GIF",
    what: "the drawing being drawn, or one after another",
    of: "drawings",
  },
  {
    format: "ndjson",
    name: "ndjson",
    what: "strokes as data: linework, Quick, Draw!",
    of: "drawings",
  },
  {
    format: "labels",
    name: "Label map",
    what: "a PNG of labels, in their colours",
    of: "labels",
    suffix: "labels.png",
  },
  {
    format: "picture",
    name: "Picture",
    what: "the painting, as PNG",
    of: "picture",
    suffix: "picture.png",
  },
];

/** What can be saved of the sheet: what every room has. */
export const sheetSource = (app) => ({
  name: "The sheet",
  drawings: app.doc.strokes.length ? [drawingOf(app.doc)] : [],
});

export function openSaveDialog(app) {
  const own = app.room.sources?.() ?? [];
  const sources = own.some(({ whole }) => whole) ? own : [...own, sheetSource(app)];
  const { save } = app.settings;
  let source = sources[0];
  const rows = h("ul.formats");
  const status = h("p.status", { role: "status" });

  const options = h(
    "div.options",
    {},
    textField("Width on paper", {
      value: save.width,
      placeholder: "as drawn, or 150mm",
      input: (v) => {
        save.width = v.trim();
      },
    }),
    textField("Pen", {
      value: save.pen,
      placeholder: "as drawn, or 0.5mm",
      input: (v) => {
        save.pen = v.trim();
      },
    }),
    slider("PNG", {
      min: 256,
      max: 2048,
      step: 64,
      value: save.size,
      show: (v) => `${v} px`,
      input: (v) => {
        save.size = v;
      },
    }),
    slider("GIF", {
      min: 1,
      max: 15,
      step: 0.5,
      value: save.seconds,
      show: (v) => `${v} s`,
      input: (v) => {
        save.seconds = v;
      },
    }),
  );
  const show = () => {
    const fits = FORMATS.filter(({ of }) =>
      of === "drawings" ? source.drawings?.length : source[of],
    );
    rows.replaceChildren(
      ...fits.map((format) =>
        h(
          "li",
          { "data-format": format.format },
          h("div", {}, h("strong", {}, format.name), h("span", {}, format.what)),
          button("Copy", () => copy(app, source, format, status), {
            sign: SIGNS.copy,
            kind: "quiet",
            "aria-label": `Copy as ${format.name}`,
          }),
          button("Download", () => download(app, source, format, status), {
            sign: SIGNS.save,
            kind: "main",
            "aria-label": `Download ${format.name}`,
          }),
        ),
      ),
    );
    options.hidden = !source.drawings?.length;
    if (fits.length === 0)
      rows.replaceChildren(h("li.none", {}, "There is nothing to save yet: draw something first."));
  };
  const dialog = h(
    "dialog.save",
    { "aria-label": "Save" },
    signButton("Close", SIGNS.close, () => dialog.close(), { kind: "sign.close" }),
    h("h2", { tabindex: "-1", autofocus: true }, "Save"),
    sources.length > 1
      ? choice(
          "What",
          sources.map(({ name }, i) => [String(i), name]),
          "0",
          (i) => {
            source = sources[i];
            show();
          },
        )
      : null,
    rows,
    options,
    status,
  );
  dialog.addEventListener("close", () => {
    app.remember();
    dialog.remove();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  show();
  document.body.append(dialog);
  dialog.showModal();
}

/** The bytes of a source in a format, as a promise of a Blob. */
export async function made(app, source, { format }, signal) {
  const { save } = app.settings;
  const { drawings } = source;
  if (format === "ndjson")
    return new Blob(drawings.map(ndjsonOf), { type: "application/x-ndjson" });
  if (format === "picture") return (await fetch(source.picture)).blob();
  const request = { format };
  if (format === "labels") request.labels = source.labels;
  else request.drawings = drawings.map((drawing) => withPen(drawing, save.pen));
  if (format === "svg" && save.width) request.width = save.width;
  if (save.pen && format !== "labels") request.pen_width = save.pen;
  if (format === "png") Object.assign(request, { size: save.size, background: "white" });
  if (format === "gif")
    Object.assign(request, { size: Math.min(512, save.size), seconds: save.seconds });
  return exportFile(app.token, request, { signal });
}

/** One pen for all strokes where one is named; the format's `pen_width` then holds. */
function withPen(drawing, pen) {
  if (!pen) return drawing;
  return {
    ...drawing,
    strokes: drawing.strokes.map((stroke) => ({ ...stroke, width: null, pressure: null })),
  };
}

async function download(app, source, format, status) {
  const control = new AbortController();
  const blob = await track(
    app,
    made(app, source, format, control.signal),
    `Making the ${format.name}`,
    () => control.abort(),
  );
  if (!blob) return;
  const name = `${fileName(source, app)}.${format.suffix ?? format.format}`;
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  status.textContent = `${name} is downloaded.`;
}

function fileName(source, app) {
  const word = source.word ?? app.doc.word ?? "drawing";
  return word.replace(/[^\p{L}\p{N}]+/gu, "_").slice(0, 40) || "drawing";
}

async function copy(app, source, format, status) {
  try {
    await navigator.clipboard.write([await clipboardItem(app, source, format)]);
    status.textContent = `${format.name} is on the clipboard.`;
  } catch (error) {
    status.textContent =
      error.name === "NotAllowedError"
        ? "The browser does not let this page use the clipboard; download it instead."
        : error.message;
  }
}

/** What the clipboard takes: text for SVG and ndjson, a picture for PNG, a page with it for GIF. */
async function clipboardItem(app, source, format) {
  // Promises, so that the browser still counts the click that asked.
  const blob = made(app, source, format);
  if (format.format === "svg" || format.format === "ndjson") {
    return new ClipboardItem({
      "text/plain": blob.then((one) => new Blob([one], { type: "text/plain" })),
    });
  }
  if (format.format === "gif") {
    // Clipboards know no GIF; mail, documents and chats take one inside a page.
    return new ClipboardItem({
      "text/html": blob.then(
        async (one) => new Blob([`<img src="${await dataAddress(one)}">`], { type: "text/html" }),
      ),
    });
  }
  return new ClipboardItem({
    "image/png": blob.then((one) => new Blob([one], { type: "image/png" })),
  });
}

const dataAddress = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
