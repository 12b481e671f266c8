/** Where the page begins: what was kept is read, then the studio is put together. */

import { App } from "./app.js";
import { SHEET, emptyDocument } from "./document.js";
import { Keeper } from "./keep.js";

/** CSS px: on a narrower screen a new sheet stands upright. */
const NARROW = 700;

const keeper = await Keeper.open();
const kept = await keeper.load().catch(() => null);
const size = innerWidth < NARROW ? [...SHEET].reverse() : SHEET;
const app = new App(keeper, kept, emptyDocument(size));
app.start();
// For the console, and for the tests that look at the document.
globalThis.studio = app;
