/** Whatever takes more than half a second shows how far it is, and can be cancelled. */

import { Cancelled, Gone } from "./live.js";
import { button, h } from "./ui.js";

/** ms before a bar appears: what is quicker only would flicker. */
const PATIENCE = 500;
/** What the server says it does -> how it reads. */
const DOING = {
  waiting: "Waiting for the model",
  cleaning: "Cleaning",
  tracing: "Tracing",
  filling: "Finding regions",
  painting: "Painting",
  drawing: "Drawing",
};

export class Progress {
  constructor() {
    this.words = h("span");
    this.bar = h("progress", { max: 1 });
    this.element = h(
      "div.progress",
      { hidden: true, role: "group", "aria-label": "Under way" },
      this.words,
      this.bar,
      button("Cancel", () => this.cancel?.(), { kind: "link" }),
    );
  }

  /** Shows it, if it takes long; `cancel` is what its button does. */
  begin(words, cancel) {
    clearTimeout(this.timer);
    this.cancel = cancel;
    this.words.textContent = words;
    this.bar.removeAttribute("value");
    this.timer = setTimeout(() => {
      this.element.hidden = false;
    }, PATIENCE);
  }

  /** A message of the server's. */
  tell({ done, what }) {
    if (done !== undefined) this.bar.value = done;
    if (DOING[what]) this.words.textContent = DOING[what];
  }

  end() {
    clearTimeout(this.timer);
    this.element.hidden = true;
  }
}

/** Awaits a request with a bar among the notices; errors are said. Undefined where it failed. */
export async function track(app, promise, words, cancel) {
  const progress = new Progress();
  app.say.notices.append(progress.element);
  progress.begin(words, cancel);
  try {
    return await promise;
  } catch (error) {
    tellError(app, error);
    return undefined;
  } finally {
    progress.end();
    progress.element.remove();
  }
}

/** Says an error, unless it is none: cancelled, or the banner speaks of it already. */
export function tellError(app, error) {
  if (error instanceof Cancelled || error.name === "AbortError") return;
  if (error instanceof Gone) app.say.show("The server does not answer; your drawing is kept here.");
  else app.say.error(error.message);
}
