/** The eraser: rubs out parts of strokes, or whole ones where the settings say so. */

import { makeStroke, newId, visibleStrokes, withStrokes } from "../document.js";
import { distance, distanceToStroke, erased } from "../geometry.js";
import { SIGNS } from "../icons.js";

export function eraseTool(app) {
  let at = null;
  let rubbing = null; // { last, name }: where it was last, and the step of history it is

  const radius = () => app.settings.eraser.width / 2;

  function rub(point) {
    const doc = app.doc;
    const seen = new Set(visibleStrokes(doc));
    const strokes = doc.strokes.flatMap((stroke) => {
      if (!seen.has(stroke)) return [stroke];
      if (app.settings.eraser.whole) {
        return distanceToStroke(point, stroke) <= radius() ? [] : [stroke];
      }
      const left = erased(stroke, point, radius());
      return left ? left.map((part) => makeStroke({ ...stroke, ...part, id: newId() })) : [stroke];
    });
    if (strokes.length === doc.strokes.length && strokes.every((one, i) => one === doc.strokes[i]))
      return;
    app.commit(withStrokes(doc, strokes), "erasing", { merge: rubbing.name });
  }

  function along(point) {
    const from = rubbing.last ?? point;
    const steps = Math.max(1, Math.ceil(distance(from, point) / radius()));
    for (let k = 1; k <= steps; k += 1) {
      rub([0, 1].map((axis) => from[axis] + ((point[axis] - from[axis]) * k) / steps));
    }
    rubbing.last = point;
  }

  return {
    name: "erase",
    title: "Erase",
    key: "e",
    sign: SIGNS.erase,
    cursor: "none",
    begin(point) {
      rubbing = { last: null, name: `erase-${point.time}` };
      at = point.at;
      along(at);
    },
    move(points) {
      for (const point of points) along(point.at);
      at = points.at(-1).at;
      app.paper.refresh();
    },
    end() {
      rubbing = null;
      app.history.settle();
    },
    cancel() {
      rubbing = null;
      app.history.settle();
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
      context.arc(...at, radius(), 0, 2 * Math.PI);
      context.lineWidth = 1.2 / app.view.scale;
      context.strokeStyle = app.paper.colors.accent;
      context.stroke();
    },
  };
}
