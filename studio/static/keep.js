/**
 * The document kept in the browser (IndexedDB) and found again after a reload or a crash.
 *
 * Each tab has a sheet of its own: it takes the first name that no other open tab holds (Web
 * Locks), so that two tabs never write over each other, and a tab that crashed finds its sheet.
 */

const DATABASE = "linework";
const STORE = "sheets";
const MOST_TABS = 32;
/** ms after a change: a stroke is safe before the next one ends. */
const REST = 150;

const promised = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return promised(request);
}

/** The number of a sheet that is this tab's until it closes. */
async function takeNumber() {
  if (!navigator.locks) return 1;
  for (let number = 1; number <= MOST_TABS; number += 1) {
    const mine = await new Promise((resolve) => {
      navigator.locks.request(`linework-sheet-${number}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {}); // held while the tab lives
      });
    });
    if (mine) return number;
  }
  return MOST_TABS + 1;
}

export class Keeper {
  /** Opens the store; where the browser allows none (private windows), nothing is kept. */
  static async open() {
    const keeper = new Keeper();
    keeper.number = await takeNumber();
    keeper.database = await open().catch(() => null);
    return keeper;
  }

  get works() {
    return Boolean(this.database);
  }

  /** What was kept: { doc, settings }, or null. */
  async load() {
    if (!this.works) return null;
    const store = this.database.transaction(STORE).objectStore(STORE);
    return (await promised(store.get(this.number))) ?? null;
  }

  /** Keeps what `read` gives, soon. */
  soon(read) {
    this.read = read;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), REST);
  }

  /** Keeps it now; `failed` is told where the browser has no room. */
  async now() {
    clearTimeout(this.timer);
    if (!this.works || !this.read) return;
    const value = this.read();
    this.read = null;
    try {
      const store = this.database.transaction(STORE, "readwrite").objectStore(STORE);
      await promised(store.put(value, this.number));
    } catch (error) {
      this.failed?.(error);
    }
  }
}
