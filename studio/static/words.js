/** The words that the model knows, as a list to choose from while typing. */

import { h, textField } from "./ui.js";

const LIST = "known-words";

/** A field for a word; `change` is told of a word that is known, or of "" for none. */
export function wordField(app, name, value, change, { placeholder = "any word" } = {}) {
  const element = textField(name, {
    value,
    list: LIST,
    placeholder,
    input: (text) => {
      const word = known(app, text);
      element.box.setAttribute(
        "aria-invalid",
        String(word === null && text.trim().length > 2 && !begins(app, text)),
      );
      if (word !== null) change(word);
    },
    change: (text) => {
      if (known(app, text) !== null) return;
      app.say.error(`The model draws no “${text.trim()}”. ${nearest(app, text)}`);
      element.box.value = "";
      element.box.removeAttribute("aria-invalid");
      change("");
    },
  });
  fillList(app);
  return element;
}

/** The words again, once the server has said them. */
export function fillList(app) {
  const words = app.about?.words ?? [];
  let list = document.getElementById(LIST);
  if (!list) {
    list = h("datalist", { id: LIST });
    document.body.append(list);
  }
  if (list.children.length !== words.length)
    list.replaceChildren(...words.map((word) => h("option", { value: word })));
}

const plain = (text) => text.trim().toLowerCase();

function known(app, text) {
  if (plain(text) === "") return "";
  const words = app.about?.words;
  if (!words) return plain(text); // the server will say
  return words.find((word) => word.toLowerCase() === plain(text)) ?? null;
}

const begins = (app, text) =>
  app.about.words.some((word) => word.toLowerCase().startsWith(plain(text)));

function nearest(app, text) {
  const near = app.about.words
    .filter((word) => word.toLowerCase().includes(plain(text).slice(0, 3)))
    .slice(0, 3);
  return near.length
    ? `Did you mean ${near.join(", or ")}?`
    : "The list of the field has its words.";
}
