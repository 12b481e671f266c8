/**
 * Pointer events -> a pen: one line at a time, pan and zoom, palms kept out.
 *
 * A pen always draws. A finger draws until a pen has been seen; then it moves the paper, for what
 * touches beside a pen is a palm. Two fingers pan and zoom. The middle button, or the space bar held,
 * pans; the wheel pans, with ctrl (a trackpad's pinch) it zooms. Coalesced events give the points
 * between frames; they exist on secure origins only. A mouse says pressure 0.5 always: that is none.
 */

/** ms: a second finger this soon after the first was meant as a pinch; the line is taken back. */
const PINCH = 250;
/** CSS px: or this soon in its way. */
const HARDLY = 8;
/** CSS px a wheel click is worth where the browser counts lines. */
const LINE_HEIGHT = 32;
const ERASER_BUTTON = 32;

export class Pen {
  #drawing = null; // the pointer that draws
  #panning = null;
  #fingers = new Map();
  #pinch = null;
  #penSeen = false;
  spaceHeld = false;

  /**
   * @param {HTMLElement} element what is drawn on.
   * @param {object} to begin, move, end, cancel: of a line; hover, leave; pan, zoom. Points are
   *   { at: [x, y] CSS px of the element, pressure: 0..1 or null, time: ms }.
   */
  constructor(element, to) {
    this.element = element;
    this.to = to;
    const on = (name, act, options) => element.addEventListener(name, act, options);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#cancel(event));
    on("lostpointercapture", (event) => this.#up(event));
    on("pointerleave", () => this.#drawing === null && to.leave?.());
    on("wheel", (event) => this.#wheel(event), { passive: false });
    on("contextmenu", (event) => this.#drawing !== null && event.preventDefault());
  }

  get isDown() {
    return this.#drawing !== null;
  }

  #at(event) {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  #point(event) {
    const pressure = event.pointerType === "pen" ? event.pressure : null;
    return {
      at: this.#at(event),
      pressure,
      time: event.timeStamp,
      erase: Boolean(event.buttons & ERASER_BUTTON),
    };
  }

  #down(event) {
    if (event.target.closest?.("button, input, select")) return;
    this.element.focus?.({ preventScroll: true });
    if (event.pointerType === "pen") this.#penSeen = true;
    if (event.pointerType === "touch") {
      if (this.#drawing !== null && this.#fingers.size === 0) return; // a palm beside the pen
      this.#fingers.set(event.pointerId, this.#at(event));
      if (this.#fingers.size === 2) return this.#beginPinch(event);
      if (this.#fingers.size > 2) return;
      if (this.#penSeen && this.to.pan) return this.#beginPan(event);
    }
    const pans = this.to.pan && (event.button === 1 || (event.button === 0 && this.spaceHeld));
    if (pans) return this.#beginPan(event);
    if (this.#drawing !== null || (event.pointerType === "mouse" && event.button !== 0)) return;
    if (event.pointerType === "pen" && this.#panning !== null) this.#panning = null;
    event.preventDefault();
    this.#drawing = event.pointerId;
    this.startedAt = event.timeStamp;
    this.startedFrom = this.#at(event);
    this.moved = 0;
    this.#capture(event);
    this.to.begin(this.#point(event));
  }

  #beginPan(event) {
    event.preventDefault();
    this.#panning = { id: event.pointerId, at: this.#at(event) };
    this.#capture(event);
  }

  #beginPinch(event) {
    if (!this.to.zoom) return;
    if (this.#drawing !== null) {
      const early = event.timeStamp - this.startedAt < PINCH || this.moved < HARDLY;
      this.#drawing = null;
      if (early) this.to.cancel();
      else this.to.end();
    }
    this.#panning = null;
    this.#pinch = this.#span();
  }

  #span() {
    const [a, b] = [...this.#fingers.values()];
    return {
      at: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2],
      width: Math.hypot(a[0] - b[0], a[1] - b[1]) || 1,
    };
  }

  #move(event) {
    if (this.#fingers.has(event.pointerId)) this.#fingers.set(event.pointerId, this.#at(event));
    if (this.#pinch && this.#fingers.size >= 2) {
      const now = this.#span();
      this.to.pan(now.at[0] - this.#pinch.at[0], now.at[1] - this.#pinch.at[1]);
      this.to.zoom(now.width / this.#pinch.width, now.at);
      this.#pinch = now;
    } else if (this.#panning?.id === event.pointerId) {
      const at = this.#at(event);
      this.to.pan(at[0] - this.#panning.at[0], at[1] - this.#panning.at[1]);
      this.#panning.at = at;
    } else if (this.#drawing === event.pointerId) {
      const [x, y] = this.#at(event);
      this.moved = Math.max(this.moved, Math.hypot(x - this.startedFrom[0], y - this.startedFrom[1]));
      const events = event.getCoalescedEvents?.() ?? [];
      this.to.move((events.length ? events : [event]).map((one) => this.#point(one)));
    } else if (this.#drawing === null) this.to.hover?.(this.#point(event));
  }

  #up(event) {
    this.#fingers.delete(event.pointerId);
    if (this.#fingers.size < 2) this.#pinch = null;
    if (this.#panning?.id === event.pointerId) this.#panning = null;
    if (this.#drawing !== event.pointerId) return;
    this.#drawing = null;
    this.to.end();
  }

  #cancel(event) {
    // The system took the pointer (a gesture, a call): what is drawn so far stays drawn.
    this.#up(event);
  }

  #wheel(event) {
    if (!this.to.pan) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_HEIGHT : 1;
    if (event.ctrlKey || event.metaKey) {
      this.to.zoom(Math.exp((-event.deltaY * unit) / 300), this.#at(event));
    } else if (event.shiftKey && !event.deltaX) this.to.pan(-event.deltaY * unit, 0);
    else this.to.pan(-event.deltaX * unit, -event.deltaY * unit);
  }

  #capture(event) {
    try {
      this.element.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that is gone already, or made by a script: events still come.
    }
  }
}
