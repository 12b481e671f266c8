/** Keys: one table that both does them and prints the sheet of them. */

import * as edits from "./edits.js";
import { chooseFiles } from "./files.js";
import { openSaveDialog } from "./save.js";
import { h } from "./ui.js";

/** The table: group, keys as printed, what it does, whether it fits the event, and the deed. */
function table(app) {
  const plain = (key) => (event) =>
    !event.ctrlKey && !event.metaKey && !event.altKey && event.key.toLowerCase() === key;
  const withCtrl =
    (key, shift = false) =>
    (event) =>
      (event.ctrlKey || event.metaKey) &&
      event.shiftKey === shift &&
      event.key.toLowerCase() === key;
  const anyOf =
    (...fits) =>
    (event) =>
      fits.some((fit) => fit(event));
  const tools = [...new Map(app.stage.tools.map((tool) => [tool.name, tool])).values()];
  return [
    ...app.rooms.map(({ name, title, shortcut }) => [
      "Rooms",
      shortcut,
      title,
      (event) => event.altKey && event.code === `Digit${shortcut.at(-1)}`,
      () => app.enter(name),
    ]),
    ...tools.map(({ name, title, key }) => [
      "Tools",
      key.toUpperCase(),
      title,
      plain(key),
      () => app.stage.use(name),
    ]),
    ["Sheet", "Ctrl Z", "Undo", withCtrl("z"), () => app.undo()],
    ["Sheet", "Ctrl Shift Z", "Redo", anyOf(withCtrl("z", true), withCtrl("y")), () => app.redo()],
    ["Sheet", "Ctrl O", "Open", withCtrl("o"), () => chooseFiles(app)],
    ["Sheet", "Ctrl S", "Save or copy", withCtrl("s"), () => openSaveDialog(app)],
    ["Sheet", "Ctrl V", "Paste a picture or a drawing", () => false, null],
    ["Sheet", "+  −  0", "Zoom in, out, whole sheet", (event) => plainZoom(app, event), () => {}],
    ["Sheet", "Space and drag", "Move the paper", () => false, null],
    [
      "Strokes",
      "Ctrl A",
      "Select all",
      withCtrl("a"),
      () => {
        app.stage.use("select");
        edits.selectAll(app);
      },
    ],
    ["Strokes", "Ctrl D", "Copy", withCtrl("d"), () => edits.duplicateChosen(app)],
    [
      "Strokes",
      "Del",
      "Delete",
      (event) => ["Delete", "Backspace"].includes(event.key),
      () => edits.deleteChosen(app),
    ],
    ["Strokes", "S", "Smooth", plain("s"), () => edits.smoothChosen(app)],
    ["Strokes", "G", "Close the narrowest gap", plain("g"), () => edits.closeGap(app)],
    [
      "Strokes",
      "Esc",
      "Select nothing",
      (event) => event.key === "Escape",
      () => app.select(new Set()),
    ],
    [
      "Without a mouse",
      "Arrows",
      "Move the pen (fine with Shift), or what is selected",
      () => false,
      null,
    ],
    ["Without a mouse", "Space", "Pen down, pen up", () => false, null],
    ["Help", "?", "This sheet", (event) => event.key === "?", () => openKeys(app)],
  ];
}

function plainZoom(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (["+", "="].includes(event.key)) app.stage.zoomIn();
  else if (event.key === "-") app.stage.zoomOut();
  else if (event.key === "0") app.paper.fit();
  else return false;
  return true;
}

const writes = (element) =>
  element.closest?.(
    'textarea, select, input:not([type="checkbox"]):not([type="range"]):not([type="color"])',
  );

/** Binds the keys to the page. */
export function bindShortcuts(app) {
  const held = (event, down) => {
    app.stage.shiftHeld = event.shiftKey;
    if (event.key === " ") app.stage.pen.spaceHeld = down && !writes(event.target);
  };
  addEventListener("keyup", (event) => held(event, false));
  addEventListener("blur", () => {
    app.stage.pen.spaceHeld = false;
  });
  addEventListener(
    "pointerdown",
    (event) => {
      app.stage.shiftHeld = event.shiftKey;
      delete document.documentElement.dataset.keys;
    },
    true,
  );
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    held(event, true);
    if (event.key === "Tab" || event.key.startsWith("Arrow"))
      document.documentElement.dataset.keys = "true";
    if (writes(event.target) && event.key !== "Escape") return;
    if (app.room.key?.(event)) return event.preventDefault();
    for (const [, , , fits, deed] of table(app)) {
      if (!fits(event)) continue;
      event.preventDefault();
      deed();
      return;
    }
  });
}

/** The sheet of keys. */
export function openKeys(app) {
  const rows = [
    ...table(app),
    ...(app.room.keys ?? []).map(([keys, what]) => [app.room.title, keys, what]),
  ];
  const groups = grouped(rows);
  const parts = [...groups].map(([name, ones]) =>
    h(
      "section",
      {},
      h("h3", {}, name),
      h(
        "dl",
        {},
        ones.flatMap(([, keys, what]) => [
          h(
            "dt",
            {},
            keys.split(" ").map((key) => h("kbd", {}, key)),
          ),
          h("dd", {}, what),
        ]),
      ),
    ),
  );
  const dialog = h(
    "dialog.keys",
    { "aria-label": "Keyboard shortcuts" },
    h("h2", {}, "Keys"),
    h("div.columns", {}, parts),
    h("form", { method: "dialog" }, h("button.main", {}, "Close")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row[0], [...(groups.get(row[0]) ?? []), row]);
  return groups;
}
