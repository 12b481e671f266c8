/** Drawings small: a canvas that shows strokes whole, as large as fits. */

import { boxOf } from "./geometry.js";
import { drawShare, drawStrokes } from "./ink.js";
import { h } from "./ui.js";

/** Share of a thumbnail that stays free around the drawing. */
const FREE = 0.09;

/** A canvas of `size` CSS px. */
export function thumbnail(size, height = size) {
  const density = Math.min(2, devicePixelRatio || 1);
  const canvas = h("canvas", {
    width: Math.round(size * density),
    height: Math.round(height * density),
    "aria-hidden": "true",
  });
  canvas.style.setProperty("aspect-ratio", `${size} / ${height}`);
  return canvas;
}

/**
 * Draws groups of strokes onto a canvas.
 *
 * @param {HTMLCanvasElement} canvas as of `thumbnail`.
 * @param {Array<{strokes, color, alpha, share}>} groups in that order; `share` draws a part.
 * @param {{box?: number[], width?: number, ink: string}} options the box to show, else around all;
 *   `width` of the lines in CSS px, whatever their own; `free` of the canvas's margin, a share.
 */
export function drawThumbnail(
  canvas,
  groups,
  { box = null, width = 1.6, ink, free: share = FREE },
) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const around = box ?? boxOf(groups.flatMap(({ strokes }) => strokes));
  if (!around) return;
  const [x0, y0, x1, y1] = around;
  const [wide, high] = [Math.max(1, x1 - x0), Math.max(1, y1 - y0)];
  const free = share * Math.min(canvas.width, canvas.height);
  const scale = Math.min((canvas.width - 2 * free) / wide, (canvas.height - 2 * free) / high);
  const density = Math.min(2, devicePixelRatio || 1);
  context.setTransform(
    scale,
    0,
    0,
    scale,
    (canvas.width - wide * scale) / 2 - x0 * scale,
    (canvas.height - high * scale) / 2 - y0 * scale,
  );
  for (const { strokes, color = null, alpha = 1, share: drawn = 1 } of groups) {
    const thin = strokes.map((stroke) => thinned(stroke, (width * density) / scale));
    if (drawn < 1) drawShare(context, thin, drawn, { color, alpha, ink });
    else drawStrokes(context, thin, { color, alpha, ink });
  }
}

// A thumbnail's line is as wide as it looks well, not to scale; kept, so that paths are made once.
const thin = new WeakMap();

function thinned(stroke, width) {
  let made = thin.get(stroke);
  if (
    !made ||
    Math.abs(made.width - width) > width * 0.01 ||
    made.points.length !== stroke.points.length
  ) {
    made = { ...stroke, width, pressure: null };
    thin.set(stroke, made);
  }
  return made;
}
