/** What can be done with chosen strokes: delete, copy, smooth, close a gap, change of pen or layer. */

import {
  addStrokes,
  makeStroke,
  mapStrokes,
  movedStroke,
  newId,
  removeStrokes,
  withStrokes,
} from "./document.js";
import { joined, nearestGap, smoothed } from "./geometry.js";

/** px by which a copy lies beside what it is of. */
const BESIDE = 16;

const chosen = (app) => app.doc.strokes.filter(({ id }) => app.selection.has(id));

export function deleteChosen(app) {
  if (app.selection.size === 0) return;
  app.commit(removeStrokes(app.doc, app.selection), "deleting");
  app.select(new Set());
}

export function duplicateChosen(app) {
  const copies = chosen(app).map((stroke) => ({
    ...movedStroke(stroke, BESIDE, BESIDE),
    id: newId(),
  }));
  if (copies.length === 0) return;
  app.commit(addStrokes(app.doc, copies), "copying");
  app.select(new Set(copies.map(({ id }) => id)));
}

export function smoothChosen(app) {
  if (app.selection.size === 0)
    return app.say.show("Select the strokes that are to be smoothed first.");
  app.commit(
    mapStrokes(app.doc, app.selection, (stroke) => makeStroke(smoothed(stroke))),
    "smoothing",
  );
}

/**
 * Closes the narrowest gap between ends of the chosen strokes, or of all where none is chosen,
 * if it is no wider than the gap tolerance.
 */
export function closeGap(app) {
  const some = chosen(app);
  const strokes = some.length ? some : app.doc.strokes;
  const gap = nearestGap(strokes, app.settings.gap);
  if (!gap) {
    app.say.show(
      `No two ends are nearer than ${Math.round(app.settings.gap)} px. Widen the gap, or draw the line.`,
    );
    return;
  }
  const one = joined(strokes, gap);
  const doc = app.doc;
  const gone = strokes[gap.b].id;
  const kept = doc.strokes.filter(({ id }) => id !== gone || gap.a === gap.b);
  app.commit(
    withStrokes(
      doc,
      kept.map((stroke) => (stroke.id === one.id ? one : stroke)),
    ),
    "closing a gap",
  );
  app.say.speak("Gap closed");
}

export const changeChosen = (app, change, what) =>
  app.commit(
    mapStrokes(app.doc, app.selection, (stroke) => ({ ...stroke, ...change })),
    what,
  );

export function moveChosen(app, dx, dy) {
  app.commit(
    mapStrokes(app.doc, app.selection, (stroke) => movedStroke(stroke, dx, dy)),
    "moving",
    { merge: "nudge" },
  );
}

export function selectAll(app) {
  app.select(new Set(app.doc.strokes.map(({ id }) => id)));
}
