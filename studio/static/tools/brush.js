/** The label brush of the Paint room: stuff laid in broad strokes, behind the things or in front. */

import { newId } from "../document.js";
import { distance } from "../geometry.js";
import { SIGNS } from "../icons.js";

/** CSS px between points of its way. */
const STEP = 2;

/** @param {object} paint the room's: `label()` { name, pixel, rgb }, `width()`, `front()`, `preview(mark)`. */
export function brushTool(app, paint) {
  let mark = null;
  let at = null;

  return {
    name: "brush",
    title: "Brush labels",
    key: "b",
    sign: SIGNS.brush,
    cursor: "none",
    begin(point) {
      const { name, pixel } = paint.label();
      mark = {
        id: newId(),
        kind: "brush",
        label: name,
        pixel,
        width: paint.width(),
        front: paint.front(),
        points: [point.at],
      };
      at = point.at;
      paint.preview(mark);
    },
    move(points) {
      at = points.at(-1).at;
      const before = mark.points.length;
      for (const point of points) {
        if (distance(mark.points.at(-1), point.at) > STEP / app.view.scale)
          mark = { ...mark, points: [...mark.points, point.at] };
      }
      if (mark.points.length > before) paint.preview(mark);
      app.paper.refresh();
    },
    end() {
      const done = mark;
      mark = null;
      if (done)
        app.commit({ ...app.doc, marks: [...app.doc.marks, done] }, `brush of ${done.label}`);
    },
    cancel() {
      mark = null;
      paint.preview(null);
    },
    hover(point) {
      at = point.at;
      app.paper.refresh();
    },
    leave() {
      at = null;
      app.paper.refresh();
    },
    paint(context) {
      if (!at) return;
      context.beginPath();
      context.arc(...at, paint.width() / 2, 0, 2 * Math.PI);
      context.lineWidth = 1.5 / app.view.scale;
      context.strokeStyle = app.paper.colors.ink;
      context.stroke();
    },
  };
}
