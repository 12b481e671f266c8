/** The buttons at the right of the bar: undo, redo, open, save, light or dark, keys. */

import { emptyDocument, isEmpty } from "./document.js";
import { bindDropAndPaste, chooseFiles } from "./files.js";
import { SIGNS } from "./icons.js";
import { openSaveDialog } from "./save.js";
import { openKeys } from "./shortcuts.js";
import { button, signButton } from "./ui.js";

export function buildActions(app, bar) {
  const undo = signButton("Undo", SIGNS.undo, () => app.undo(), { key: "Ctrl+Z" });
  const redo = signButton("Redo", SIGNS.redo, () => app.redo(), { key: "Ctrl+Shift+Z" });
  const fresh = signButton("New sheet", SIGNS.paper, () => newSheet(app));
  const show = () => {
    undo.disabled = app.history.past.length === 0;
    redo.disabled = app.history.future.length === 0;
    fresh.disabled = isEmpty(app.doc) && app.doc.corners.every((one) => one === null);
  };
  app.history.addEventListener("change", show);
  show();
  bar.replaceChildren(
    undo,
    redo,
    fresh,
    button("Open", () => chooseFiles(app), {
      sign: SIGNS.open,
      kind: "quiet",
      title: "Open a drawing or a picture (Ctrl+O)",
    }),
    button("Save", () => openSaveDialog(app), {
      sign: SIGNS.save,
      kind: "quiet",
      title: "Download or copy (Ctrl+S)",
    }),
    signButton("Light or dark", SIGNS.light, () => turnTheme(app)),
    signButton("Keyboard shortcuts", SIGNS.help, () => openKeys(app), { key: "?" }),
  );
  bindDropAndPaste(app);
}

function newSheet(app) {
  app.commit(emptyDocument(app.doc.size), "new sheet");
  app.say.show("A new sheet.", { act: { name: "Undo", run: () => app.undo() } });
}

function turnTheme(app) {
  const dark = app.settings.theme
    ? app.settings.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  app.settings.theme = dark ? "light" : "dark";
  app.applyTheme();
  app.remember();
}
