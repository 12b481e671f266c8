/** The pen: a line of points, with pressure where the device knows it. */

import { FIRST_LAYER, addStrokes, layerOf, makeStroke } from "../document.js";
import { distance } from "../geometry.js";
import { makePath } from "../ink.js";
import { SIGNS } from "../icons.js";

/** CSS px: points nearer than this to the last one say nothing. */
const NEAR = 0.7;
/** ms that a rest between two strokes counts for at most. */
const LONGEST_REST = 2000;

export function drawTool(app) {
  let line = null;

  function take({ at, pressure, time }) {
    const last = line.points.at(-1);
    if (last && distance(last, at) < NEAR / app.view.scale) return;
    line.points.push(at);
    line.pressures.push(pressure);
    line.times.push(time);
  }

  function stroke() {
    const { color, width } = app.settings.pen;
    const pressure = line.pressures.every((one) => one !== null) ? line.pressures : null;
    return { points: line.points, pressure, color, width, fill: false };
  }

  return {
    name: "draw",
    title: "Draw",
    key: "d",
    sign: SIGNS.draw,
    cursor: "crosshair",
    begin(point) {
      line = { points: [], pressures: [], times: [] };
      take(point);
      app.paper.refresh();
    },
    move(points) {
      points.forEach(take);
      app.paper.refresh();
    },
    end() {
      if (!line) return;
      const doc = app.doc;
      const layer = layerOf(doc, { layer: app.settings.layer }).name;
      const before = doc.strokes.at(-1)?.time;
      const rest = before
        ? Math.min(LONGEST_REST, Math.max(0, line.times[0] - (app.lastEnd ?? 0)))
        : 0;
      const start = before ? before.at(-1) + rest : 0;
      app.lastEnd = line.times.at(-1);
      const made = makeStroke({
        ...stroke(),
        time: line.times.map((time) => start + time - line.times[0]),
        layer: layer === FIRST_LAYER ? null : layer,
      });
      line = null;
      app.commit(addStrokes(doc, [made]), "stroke");
    },
    cancel() {
      line = null;
      app.paper.refresh();
    },
    paint(context) {
      if (!line) return;
      const growing = stroke();
      const { path, outline } = makePath(growing);
      context.lineCap = context.lineJoin = "round";
      context.strokeStyle = context.fillStyle = growing.color ?? app.paper.colors.ink;
      context.lineWidth = growing.width;
      if (outline) context.fill(path);
      else context.stroke(path);
    },
  };
}
