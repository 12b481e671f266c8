/**
 * The document that all rooms share: plain data, and functions from a document to a new one.
 *
 * Nothing here mutates: a change makes a new document that shares what stayed, so that history is
 * a list of documents and undo is a step back. Lengths are px, 96 to the inch, origin top left.
 *
 * A stroke is { id, points: [[x, y], ...], pressure, time, color, width, layer, fill, from }, with
 * null for what it has none of; `from` says who drew it: "hand", "ending", "scan", "file".
 * A mark of the Paint room is a stroke of the brush { id, kind: "brush", label, width, points } or a
 * bucket emptied { id, kind: "fill", label, at: [x, y], gap }.
 */

/** px: 10 x 7.5 inch, a sheet that fits a laptop's screen at its own size. */
export const SHEET = [960, 720];
/** px: of a pen that has none set, 0.6 mm. */
export const PEN = 2.4;
export const CORNERS = 4;
/** Strokes that name no layer lie on the first. */
export const FIRST_LAYER = "ink";

let counted = 0;

/** A name for a new stroke that no other has, in this page or one before it. */
export function newId() {
  counted += 1;
  return `${Date.now().toString(36)}-${counted.toString(36)}`;
}

/** An empty document. */
export function emptyDocument(size = SHEET) {
  return {
    version: 1,
    size,
    word: null,
    strokes: [],
    layers: [{ name: FIRST_LAYER, hidden: false }],
    scan: null,
    marks: [],
    names: {},
    corners: Array(CORNERS).fill(null),
  };
}

/** A stroke; `fields` may leave out all but points. */
export function makeStroke(fields) {
  return {
    id: newId(),
    pressure: null,
    time: null,
    color: null,
    width: null,
    layer: null,
    fill: false,
    from: "hand",
    ...fields,
  };
}

export const isEmpty = (doc) =>
  doc.strokes.length === 0 && doc.marks.length === 0 && doc.scan === null;

export const withStrokes = (doc, strokes) => ({ ...doc, strokes });

export const addStrokes = (doc, strokes) => withStrokes(doc, [...doc.strokes, ...strokes]);

export const removeStrokes = (doc, ids) =>
  withStrokes(
    doc,
    doc.strokes.filter((stroke) => !ids.has(stroke.id)),
  );

/** Each chosen stroke through a function; the rest stay as they are. */
export const mapStrokes = (doc, ids, change) =>
  withStrokes(
    doc,
    doc.strokes.map((stroke) => (ids.has(stroke.id) ? change(stroke) : stroke)),
  );

export const movedStroke = (stroke, dx, dy) => ({
  ...stroke,
  points: stroke.points.map(([x, y]) => [x + dx, y + dy]),
});

/** The layer that a stroke lies on: the first one where it names none that is there. */
export const layerOf = (doc, stroke) =>
  doc.layers.find((layer) => layer.name === stroke.layer) ?? doc.layers[0];

/** The strokes that can be seen. */
export function visibleStrokes(doc) {
  const hidden = new Set(doc.layers.filter((layer) => layer.hidden).map((layer) => layer.name));
  if (hidden.size === 0) return doc.strokes;
  return doc.strokes.filter((stroke) => !hidden.has(layerOf(doc, stroke).name));
}

/** The layers that strokes name and the document has not got, added on top. */
export function withLayersOf(doc, strokes) {
  const known = new Set(doc.layers.map((layer) => layer.name));
  const named = new Set(strokes.map((stroke) => stroke.layer).filter((name) => name !== null));
  const added = [...named].filter((name) => !known.has(name));
  if (added.length === 0) return doc;
  return { ...doc, layers: [...doc.layers, ...added.map((name) => ({ name, hidden: false }))] };
}

/** A layer renamed, hidden or shown; its strokes stay on it. */
export function withLayer(doc, name, change) {
  const layers = doc.layers.map((layer) => (layer.name === name ? { ...layer, ...change } : layer));
  if (change.name === undefined) return { ...doc, layers };
  const strokes = doc.strokes.map((stroke) =>
    layerOf(doc, stroke).name === name ? { ...stroke, layer: change.name } : stroke,
  );
  return { ...doc, layers, strokes };
}

/** A layer taken away with its strokes; the last one stays. */
export function withoutLayer(doc, name) {
  if (doc.layers.length === 1) return doc;
  const strokes = doc.strokes.filter((stroke) => layerOf(doc, stroke).name !== name);
  return { ...doc, strokes, layers: doc.layers.filter((layer) => layer.name !== name) };
}
