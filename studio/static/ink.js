/**
 * Strokes onto a canvas.
 *
 * One width: the canvas's own line with round ends. Widths that change with the pressure: an
 * outline by perfect-freehand, set so that it is the width that pictures and SVG have
 * (strokes/raster.py: pressure 0.5 is the pen's width, 0 and 1 are 0.4 and 1.6 of it).
 */

import { PEN } from "./document.js";
import { getStroke } from "./vendor/perfect-freehand.js";

/** raster.PRESSURE_SWING; perfect-freehand's `thinning` is the same rule. */
const SWING = 0.6;
const OUTLINE = { thinning: SWING, smoothing: 0.5, streamline: 0, simulatePressure: false };

// Strokes never change, so that what is made of one stays good.
const paths = new WeakMap();

/** The path of a stroke: { path, outline } with `outline` where it is to be filled. */
export function pathOf(stroke) {
  let made = paths.get(stroke);
  if (!made) {
    made = makePath(stroke);
    paths.set(stroke, made);
  }
  return made;
}

/** The path of a line that still grows. */
export function makePath({ points, pressure, width, fill }) {
  if (fill) return { path: lineThrough(points, true), outline: true };
  if (!pressure || points.length === 1) return { path: lineThrough(points), outline: false };
  const dotted = points.map(([x, y], i) => [x, y, pressure[i]]);
  const size = width ?? PEN;
  return {
    path: lineThrough(getStroke(dotted, { ...OUTLINE, size, last: true }), true),
    outline: true,
  };
}

function lineThrough(points, close = false) {
  const path = new Path2D();
  path.moveTo(...points[0]);
  for (let i = 1; i < points.length; i += 1) path.lineTo(...points[i]);
  if (points.length === 1) path.lineTo(...points[0]); // a dot shows by its round ends
  if (close) path.closePath();
  return path;
}

/** Draws strokes; `style` may set another `color`, `alpha`, or `more` px of width (a halo). */
export function drawStrokes(context, strokes, { color = null, alpha = 1, more = 0, ink }) {
  context.save();
  context.globalAlpha = alpha;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) {
    const { path, outline } = pathOf(stroke);
    const paint = color ?? stroke.color ?? ink;
    context.strokeStyle = paint;
    context.fillStyle = paint;
    context.lineWidth = (stroke.width ?? PEN) + more;
    if (!outline) context.stroke(path);
    else {
      context.fill(path);
      if (more) {
        context.lineWidth = more;
        context.stroke(path);
      }
    }
  }
  context.restore();
}

/** The first part of strokes, `share` of their whole length: a line being drawn. */
export function drawShare(context, strokes, share, style) {
  const lengths = strokes.map(({ points }) => points.length);
  let left = Math.ceil(lengths.reduce((sum, n) => sum + n, 0) * share);
  const seen = [];
  for (const [i, stroke] of strokes.entries()) {
    if (left <= 0) break;
    const points = stroke.points.slice(0, left);
    seen.push(left >= lengths[i] ? stroke : { ...stroke, points, pressure: null });
    left -= lengths[i];
  }
  drawStrokes(context, seen, style);
}
