/** The studio as a whole: one document, one sheet, four rooms, and what each of them can reach. */

import { withLayersOf } from "./document.js";
import { buildActions } from "./actions.js";
import { History } from "./history.js";
import { LayersPanel } from "./layers.js";
import { Live } from "./live.js";
import { Messages } from "./messages.js";
import { Paper } from "./paper.js";
import { PenPanel } from "./pens.js";
import { isKnown } from "./requests.js";
import { cleanRoom } from "./rooms/clean.js";
import { doodleRoom } from "./rooms/doodle.js";
import { morphRoom } from "./rooms/morph.js";
import { paintRoom } from "./rooms/paint.js";
import { withUsual } from "./settings.js";
import { bindShortcuts } from "./shortcuts.js";
import { Stage } from "./stage.js";
import { h } from "./ui.js";
import { View } from "./view.js";

const ROOMS = [doodleRoom, morphRoom, cleanRoom, paintRoom];
/** ms without the server before the page says so: a restart in between is nobody's business. */
const PATIENCE = 700;

const $ = (id) => document.getElementById(id);

export class App {
  selection = new Set();

  constructor(keeper, kept, empty) {
    this.keeper = keeper;
    this.settings = withUsual(kept?.settings);
    this.history = new History(kept?.doc ?? empty);
    this.view = new View();
    this.say = new Messages($("notices"), $("banner"), $("voice"));
    this.applyTheme();
    this.paper = new Paper($("stage"), this.history, this.view);
    this.token = document.querySelector('meta[name="linework-token"]').content;
    this.live = new Live(this.token);
    this.stage = new Stage(this);
    this.rooms = ROOMS.map((make) => make(this));
    this.pens = new PenPanel(this);
    this.layers = new LayersPanel(this);
    this.wasKept = Boolean(kept);
  }

  get doc() {
    return this.history.present;
  }

  get about() {
    return this.live.about;
  }

  start() {
    this.#buildRooms();
    buildActions(this, $("actions"));
    bindShortcuts(this);
    this.history.addEventListener("change", ({ detail }) => this.#changed(detail));
    this.keeper.failed = () =>
      this.say.error(
        "The browser has no room left to keep the drawing. Download it before you close the page.",
      );
    addEventListener("pagehide", () => this.keeper.now());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.keeper.now();
      else this.live.hurry();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.paper.readColors(),
    );
    this.#watchServer();
    this.enter(
      this.rooms.some(({ name }) => name === this.settings.room) ? this.settings.room : "doodle",
    );
    document.documentElement.dataset.ready = "true";
  }

  /** A new document; see History. */
  commit(doc, what, options = {}) {
    this.history.commit(withLayersOf(doc, doc.strokes), what, {
      room: this.room?.name,
      ...options,
    });
  }

  undo() {
    this.#stepped(this.history.undo(), "Undone");
  }

  redo() {
    this.#stepped(this.history.redo(), "Redone");
  }

  select(ids) {
    this.selection = ids;
    this.stage.showChosen();
    this.paper.refresh();
    this.pens.show();
  }

  /** A setting changed: it is kept. */
  remember() {
    this.keeper.soon(() => ({ doc: this.doc, settings: this.settings }));
  }

  applyTheme() {
    const { theme } = this.settings;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    this.paper?.readColors();
  }

  /** Into a room; the sheet and all that is on it come along. */
  enter(name) {
    if (this.room?.name === name) return;
    this.room?.leave?.();
    this.room = this.rooms.find((room) => room.name === name);
    this.settings.room = name;
    document.documentElement.dataset.room = name;
    for (const tab of $("rooms").children) {
      if (tab.dataset.room === name) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    document.title = `${this.room.title} · linework studio${this.keeper.number > 1 ? ` (sheet ${this.keeper.number})` : ""}`;
    $("beside").hidden = !this.room.beside;
    $("beside").replaceChildren(...(this.room.beside ? [this.room.beside] : []));
    $("strip").hidden = !this.room.strip;
    $("strip").replaceChildren(...(this.room.strip ? [this.room.strip] : []));
    $("stage").hidden = Boolean(this.room.ownStage);
    $("rail").hidden = Boolean(this.room.ownStage);
    $("panel").replaceChildren(
      this.room.panel,
      ...(this.room.ownStage ? [] : [this.pens.element, this.layers.element]),
    );
    this.stage.setTools(this.room.tools ?? []);
    this.room.enter?.();
    this.room.aboutChanged?.();
    this.room.changed?.(this.doc);
    this.paper.resized();
    this.stage.showHint();
    this.remember();
  }

  #buildRooms() {
    const tabs = this.rooms.map(({ name, title, shortcut }) =>
      h(
        "button",
        {
          type: "button",
          "data-room": name,
          "aria-keyshortcuts": shortcut.replace(" ", "+"),
          title: `${title} (${shortcut})`,
          on: { click: () => this.enter(name) },
        },
        title,
      ),
    );
    $("rooms").replaceChildren(...tabs);
  }

  #changed({ doc }) {
    const there = new Set(doc.strokes.map(({ id }) => id));
    if ([...this.selection].some((id) => !there.has(id))) {
      this.select(new Set([...this.selection].filter((id) => there.has(id))));
    }
    this.room?.changed?.(doc);
    this.layers.show();
    this.stage.showChosen();
    this.stage.showHint();
    this.remember();
  }

  #stepped(step, verb) {
    if (!step) return this.say.speak(`Nothing to ${verb === "Undone" ? "undo" : "redo"}`);
    const elsewhere = this.rooms.find(({ name }) => name === step.room && name !== this.room.name);
    const sentence = `${verb}: ${step.what}${elsewhere ? `, in ${elsewhere.title}` : ""}`;
    if (elsewhere) this.say.show(sentence);
    else this.say.speak(sentence);
  }

  #watchServer() {
    let timer = 0;
    let said = false;
    const gone = async () => {
      said = true;
      this.say.standing(
        (await isKnown(this.token)) === false
          ? "This page's address is no longer the server's. Open the address that `linework studio` printed; your drawing is kept in this browser."
          : "The linework server is gone. Your strokes are kept here and you can go on drawing; the page looks for the server again and again. Start it with `linework studio`.",
      );
    };
    this.live.addEventListener("gone", () => {
      document.documentElement.dataset.server = "gone";
      if (!timer && !said) timer = setTimeout(gone, PATIENCE);
      this.room?.serverGone?.();
    });
    this.live.addEventListener("open", () => {
      clearTimeout(timer);
      timer = 0;
      document.documentElement.dataset.server = "open";
      this.say.standing(null);
      if (said) this.say.show("The server is back.");
      said = false;
      this.room?.serverBack?.();
    });
    this.live.addEventListener("about", () => this.room?.aboutChanged?.());
    this.live.connect();
  }
}
