/**
 * What the page has to say: sentences that pass, the banner that stays while the server is gone,
 * and a voice for screen readers.
 */

import { SIGNS } from "./icons.js";
import { h, signButton } from "./ui.js";

/** ms: long enough to read two lines. */
const READING = 6000;

export class Messages {
  constructor(notices, banner, voice) {
    Object.assign(this, { notices, banner, voice });
  }

  /** A sentence that passes; errors stay until they are closed. */
  show(sentence, { error = false, act = null } = {}) {
    for (const old of this.notices.children) if (old.dataset.sentence === sentence) old.remove();
    const close = signButton("Close", SIGNS.close, () => notice.remove(), { kind: "sign.small" });
    const offer =
      act &&
      h(
        "button.link",
        {
          type: "button",
          on: {
            click: () => {
              notice.remove();
              act.run();
            },
          },
        },
        act.name,
      );
    const notice = h(
      `div.notice${error ? ".error" : ""}`,
      { role: error ? "alert" : "status", "data-sentence": sentence },
      h("p", {}, sentence),
      offer,
      close,
    );
    this.notices.append(notice);
    while (this.notices.children.length > 3) this.notices.firstChild.remove();
    if (!error) setTimeout(() => notice.remove(), READING);
  }

  error(sentence, act = null) {
    this.show(sentence, { error: true, act });
  }

  /** Takes the errors away: the next request went well. */
  clearErrors() {
    for (const notice of this.notices.querySelectorAll(".error")) notice.remove();
  }

  /** The sentence at the top that stays, or null for none. */
  standing(sentence) {
    this.banner.hidden = sentence === null;
    if (this.banner.textContent !== (sentence ?? "")) this.banner.textContent = sentence ?? "";
  }

  /** Said to screen readers alone: what others see anyway. */
  speak(sentence) {
    if (this.voice.textContent !== sentence) this.voice.textContent = sentence;
  }
}
