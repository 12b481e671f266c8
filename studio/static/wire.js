/**
 * Strokes <-> what goes over the wire (PROTOCOL.md, *Drawing* and *Label map*), and the one file
 * that is written without the server: Quick, Draw! ndjson, so that nothing is ever locked in.
 */

import { PEN, layerOf, makeStroke, visibleStrokes } from "./document.js";

// Three decimals: a 1/1000 px is less than any screen or plotter shows.
const short = (value) => Math.round(value * 1000) / 1000;

/** What is to be sent of a document: the strokes that can be seen, each with its pen and layer. */
export function drawingOf(doc, strokes = visibleStrokes(doc)) {
  const several = doc.layers.length > 1;
  return {
    size: doc.size,
    label: doc.word,
    strokes: strokes.map((stroke) => ({
      points: stroke.points.map(([x, y]) => [short(x), short(y)]),
      time: stroke.time?.map(Math.round) ?? null,
      pressure: stroke.pressure?.map(short) ?? null,
      color: stroke.color,
      width: stroke.width ?? PEN,
      layer: several ? layerOf(doc, stroke).name : stroke.layer,
      fill: stroke.fill,
    })),
  };
}

/** The strokes of a drawing off the wire; `from` says whose they are. */
export const strokesOf = (drawing, from) =>
  drawing.strokes.map((stroke) => makeStroke({ ...stroke, fill: Boolean(stroke.fill), from }));

/** A drawing of the wire as a line of ndjson. */
export function ndjsonOf(drawing) {
  const { strokes, size, label } = drawing;
  const axis = (k) => strokes.map(({ points }) => points.map((point) => point[k]));
  const [xs, ys] = [axis(0), axis(1)];
  const lists = {
    colors: strokes.map((stroke) => stroke.color ?? null),
    widths: strokes.map((stroke) => stroke.width ?? null),
    layers: strokes.map((stroke) => stroke.layer ?? null),
    fills: strokes.map((stroke) => stroke.fill || null),
    pressures: strokes.map((stroke) => stroke.pressure ?? null),
    times: strokes.map((stroke) => stroke.time ?? null),
  };
  const said = Object.entries(lists).filter(([, values]) => values.some((v) => v !== null));
  const record = {
    ...(label ? { word: label } : {}),
    drawing: xs.map((x, i) => [x, ys[i]]),
    linework: { size, ...Object.fromEntries(said) },
  };
  return `${JSON.stringify(record)}\n`;
}

/** base64 of bytes; in pieces, for a call takes only so many arguments. */
export function toBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
