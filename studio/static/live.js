/**
 * The WebSocket: requests that take time or stream, and coming back when the server was away.
 *
 * A request is a promise of its last message. A newer one in the same slot ends the older with
 * `Cancelled`; a server that goes ends all with `Gone`, and whoever wants an answer asks again on
 * "open". Nothing of the document lives here, so a server may go and come as it likes.
 */

export class Cancelled extends Error {}
export class Gone extends Error {}

/** ms between tries, the last one again and again. */
const TRIES = [200, 400, 800, 1500, 3000];

export class Live extends EventTarget {
  #socket = null;
  #pending = new Map();
  #slots = new Map();
  #tries = 0;
  #timer = 0;
  #id = 0;
  about = null;

  constructor(token) {
    super();
    this.token = token;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.#timer);
    const address = new URL(`ws?token=${encodeURIComponent(this.token)}`, location.origin);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.dispatchEvent(new Event("open"));
    };
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => this.#lost();
  }

  /** Hangs up; what is under way ends, and the page calls again. */
  close() {
    this.#socket?.close();
  }

  /** Tries again at once: somebody looked at the page, or the network came back. */
  hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.connect();
  }

  /**
   * Asks for something.
   *
   * @param {string} type as in PROTOCOL.md.
   * @param {object} fields what the type needs.
   * @param {{slot?: string, on?: function}} options `on` is told of what comes before the result.
   * @returns {Promise<object>} the result, with `cancel()`.
   */
  ask(type, fields, { slot = type, on = null } = {}) {
    const id = (this.#id += 1);
    const older = this.#slots.get(slot);
    if (older) this.#end(older, new Cancelled("a newer one was asked for"));
    const promise = new Promise((resolve, reject) => {
      if (!this.isOpen) {
        reject(new Gone("the server does not answer"));
        return;
      }
      this.#pending.set(id, { resolve, reject, on, slot });
      this.#slots.set(slot, id);
      this.#socket.send(JSON.stringify({ type, id, slot, ...fields }));
    });
    promise.cancel = () => this.#cancel(id);
    return promise;
  }

  /** Ends what is under way in a slot, if anything is. */
  cancelSlot(slot) {
    if (this.#slots.has(slot)) this.#cancel(this.#slots.get(slot));
  }

  #cancel(id) {
    if (!this.#pending.has(id)) return;
    if (this.isOpen) this.#socket.send(JSON.stringify({ type: "cancel", id }));
    this.#end(id, new Cancelled("cancelled"));
  }

  #end(id, error) {
    const request = this.#pending.get(id);
    if (!request) return;
    this.#pending.delete(id);
    if (this.#slots.get(request.slot) === id) this.#slots.delete(request.slot);
    request.reject(error);
  }

  #take(message) {
    if (message.type === "about") {
      this.about = message;
      this.dispatchEvent(new Event("about"));
      return;
    }
    const request = this.#pending.get(message.id);
    if (!request) return; // of a request that was given up
    if (message.type === "result") {
      this.#pending.delete(message.id);
      if (this.#slots.get(request.slot) === message.id) this.#slots.delete(request.slot);
      request.resolve(message);
    } else if (message.type === "error") this.#end(message.id, new Error(message.error));
    else if (message.type === "cancelled") this.#end(message.id, new Cancelled("cancelled"));
    else request.on?.(message);
  }

  #lost() {
    for (const id of [...this.#pending.keys()]) this.#end(id, new Gone("the server is gone"));
    this.dispatchEvent(new Event("gone"));
    const wait = TRIES[Math.min(this.#tries, TRIES.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.connect(), wait);
  }
}
