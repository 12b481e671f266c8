/** Where a drawing goes on a sheet that holds others: scaled into a box, into the emptiest place. */

import { boxOf } from "./geometry.js";

/** Share of an empty sheet that a drawing takes. */
const LARGE = 0.66;
/** A sheet with drawings on it is searched in cells of this share, at this many places each way. */
const CELL = 0.32;
const PLACES = 5;

/** Strokes scaled, their shape kept, into the middle of a box. */
export function intoBox(strokes, [x0, y0, x1, y1]) {
  const box = boxOf(strokes);
  if (!box) return strokes;
  const [width, height] = [Math.max(1, box[2] - box[0]), Math.max(1, box[3] - box[1])];
  const scale = Math.min((x1 - x0) / width, (y1 - y0) / height);
  const left = (x0 + x1 - width * scale) / 2 - box[0] * scale;
  const top = (y0 + y1 - height * scale) / 2 - box[1] * scale;
  return strokes.map((stroke) => ({
    ...stroke,
    points: stroke.points.map(([x, y]) => [x * scale + left, y * scale + top]),
  }));
}

/** The box on a sheet with the least ink in it: its middle where there is none at all. */
export function emptiest(strokes, [width, height]) {
  if (strokes.length === 0) {
    const [dx, dy] = [(width * (1 - LARGE)) / 2, (height * (1 - LARGE)) / 2];
    return [dx, dy, width - dx, height - dy];
  }
  const [w, h] = [width * CELL, height * CELL];
  const points = strokes.flatMap((stroke) => stroke.points);
  let best = null;
  for (let row = 0; row < PLACES; row += 1) {
    for (let column = 0; column < PLACES; column += 1) {
      const [x, y] = [((width - w) * column) / (PLACES - 1), ((height - h) * row) / (PLACES - 1)];
      const ink = points.filter(([px, py]) => px > x && px < x + w && py > y && py < y + h).length;
      const away = Math.hypot(column - (PLACES - 1) / 2, row - (PLACES - 1) / 2);
      if (!best || ink < best.ink || (ink === best.ink && away < best.away))
        best = { ink, away, x, y };
    }
  }
  const margin = 0.06 * Math.min(w, h);
  return [best.x + margin, best.y + margin, best.x + w - margin, best.y + h - margin];
}
