/** Elements in few words: `h` makes one, and the controls that panels are put together from. */

/**
 * An element.
 *
 * @param {string} tag "button.wide" is a button of class wide.
 * @param {object} props attributes; `on` holds listeners; true is an attribute without a value,
 *   null and false leave it out; `value`, `checked`, ... are set as properties.
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) set(element, key, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function set(element, key, value) {
  if (key === "on") {
    for (const [event, listener] of Object.entries(value))
      element.addEventListener(event, listener);
  } else if (key === "style") {
    for (const [name, one] of Object.entries(value)) element.style.setProperty(name, one);
  } else if (["value", "checked", "disabled", "hidden", "textContent"].includes(key)) {
    element[key] = value;
  } else if (value === true) element.setAttribute(key, "");
  else if (value !== null && value !== undefined && value !== false)
    element.setAttribute(key, value);
}

let numbered = 0;
const nextId = (what) => `${what}-${(numbered += 1)}`;

/** A drawn sign, 20 x 20. */
export function icon(data) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", data);
  svg.append(path);
  return svg;
}

/** A button with words; `sign` is drawn before them. */
export function button(text, act, { sign = null, kind = "", key = null, ...props } = {}) {
  return h(
    `button${kind ? `.${kind}` : ""}`,
    { type: "button", "aria-keyshortcuts": key, on: { click: act }, ...props },
    sign && icon(sign),
    h("span", {}, text),
  );
}

/** A button that is only a sign; its name is for screen readers and the pointer that rests. */
export function signButton(name, sign, act, { key = null, kind = "sign", ...props } = {}) {
  const title = key ? `${name} (${key})` : name;
  return h(
    `button.${kind}`,
    {
      type: "button",
      "aria-label": name,
      title,
      "aria-keyshortcuts": key,
      on: { click: act },
      ...props,
    },
    icon(sign),
  );
}

/** A slider with its name before and its value behind it. */
export function slider(
  name,
  { min, max, step, value, show = String, input, change = null, hint = null },
) {
  const id = nextId("slider");
  const output = h("output", { for: id, textContent: show(value) });
  const range = h("input", {
    id,
    type: "range",
    min,
    max,
    step,
    value,
    "aria-valuetext": show(value),
    on: {
      input: () => {
        tell(range.valueAsNumber);
        input?.(range.valueAsNumber);
      },
      change: () => change?.(range.valueAsNumber),
    },
  });
  const tell = (at) => {
    output.textContent = show(at);
    range.setAttribute("aria-valuetext", show(at));
    range.style.setProperty("--at", `${((at - min) / (max - min)) * 100}%`);
  };
  tell(value);
  const element = h(
    "div.field.slider",
    { title: hint },
    h("label", { for: id }, name),
    output,
    range,
  );
  element.set = (at) => {
    range.value = at;
    tell(at);
  };
  element.range = range;
  return element;
}

/** A line of text with a name. */
export function textField(
  name,
  { value = "", list = null, placeholder = "", input = null, change = null, ...props },
) {
  const id = nextId("text");
  const box = h("input", {
    id,
    type: "text",
    value,
    list,
    placeholder,
    autocomplete: "off",
    spellcheck: "false",
    on: { input: () => input?.(box.value), change: () => change?.(box.value) },
    ...props,
  });
  const element = h("div.field", {}, h("label", { for: id }, name), box);
  element.box = box;
  return element;
}

/** One of several. */
export function choice(name, options, value, change) {
  const id = nextId("choice");
  const select = h(
    "select",
    { id, on: { change: () => change(select.value) } },
    options.map(([key, text]) => h("option", { value: key }, text)),
  );
  select.value = value;
  const element = h("div.field", {}, h("label", { for: id }, name), select);
  element.select = select;
  return element;
}

/** Yes or no. */
export function check(name, value, change, hint = null) {
  const box = h("input", {
    type: "checkbox",
    checked: value,
    on: { change: () => change(box.checked) },
  });
  const element = h("label.check", { title: hint }, box, h("span", {}, name));
  element.box = box;
  return element;
}

/** A part of a panel with a heading. */
export const group = (title, ...children) =>
  h("section.group", {}, title ? h("h2", {}, title) : null, ...children);

/** A whole number of at most nine digits: what a seed is. */
export const newSeed = () => Math.floor(Math.random() * 1_000_000_000);

/** A seed that can be read, written, and drawn anew. */
export function seedField(value, change) {
  const id = nextId("seed");
  const box = h("input", {
    id,
    type: "text",
    inputmode: "numeric",
    pattern: "[0-9]{1,9}",
    value: String(value),
    autocomplete: "off",
    on: {
      change: () => {
        const number = Number.parseInt(box.value, 10);
        element.set(Number.isSafeInteger(number) ? Math.abs(number) % 1_000_000_000 : newSeed());
        change(Number(box.value));
      },
    },
  });
  const dice = signButton(
    "Another seed",
    "M4 4h12v12H4zM7.5 7.5h0M12.5 12.5h0M12.5 7.5h0M7.5 12.5h0",
    () => {
      element.set(newSeed());
      change(Number(box.value));
    },
  );
  const element = h(
    "div.field.seed",
    {},
    h("label", { for: id }, "Seed"),
    h("div.with-sign", {}, box, dice),
  );
  element.set = (number) => {
    box.value = String(number);
  };
  return element;
}

/** Calls at most once in `rest` ms, the last time with the last arguments. */
export function soon(act, rest) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), rest);
  };
  later.never = () => clearTimeout(timer);
  return later;
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Other children for a list, with the focus on the same control of the same row as before. */
export function replaceChildren(parent, children) {
  const controls = (row) => [...(row?.querySelectorAll("button, input, select") ?? [])];
  const at = [...parent.children].findIndex((row) => row.contains(document.activeElement));
  const which = controls(parent.children[at]).indexOf(document.activeElement);
  parent.replaceChildren(...children);
  if (at >= 0) controls(parent.children[at])[which]?.focus();
}
