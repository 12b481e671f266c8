/** Choosing strokes: by a click, by a box drawn around them; a drag on a chosen one moves all. */

import { mapStrokes, movedStroke, visibleStrokes } from "../document.js";
import { boxOf, distance, isWithin, strokeAt } from "../geometry.js";
import { SIGNS } from "../icons.js";
import { drawStrokes } from "../ink.js";

/** CSS px around the pointer in which a stroke counts as hit. */
const REACH = 7;
/** CSS px before a press becomes a drag. */
const DRAG = 3;

export function selectTool(app) {
  let press = null; // { from, moving, doc, box, name }

  const chosen = () => app.doc.strokes.filter(({ id }) => app.selection.has(id));

  return {
    name: "select",
    title: "Select and move",
    key: "v",
    sign: SIGNS.select,
    cursor: "default",
    begin(point) {
      const hit = strokeAt(visibleStrokes(app.doc), point.at, REACH / app.view.scale);
      if (hit && point.more) {
        const ids = new Set(app.selection);
        if (!ids.delete(hit.id)) ids.add(hit.id);
        app.select(ids);
      } else if (hit && !app.selection.has(hit.id)) app.select(new Set([hit.id]));
      press = {
        from: point.at,
        moving: Boolean(hit),
        doc: app.doc,
        box: null,
        name: `move-${point.time}`,
        more: point.more,
      };
    },
    move(points) {
      const { at } = points.at(-1);
      if (!press || (!press.dragged && distance(at, press.from) < DRAG / app.view.scale)) return;
      press.dragged = true;
      if (press.moving) {
        const [dx, dy] = [at[0] - press.from[0], at[1] - press.from[1]];
        const moved = mapStrokes(press.doc, app.selection, (stroke) => movedStroke(stroke, dx, dy));
        app.commit(moved, "moving", { merge: press.name });
      } else {
        press.box = boxOf([{ points: [press.from, at] }]);
        app.paper.refresh();
      }
    },
    end() {
      if (!press) return;
      const { box, more, dragged, moving } = press;
      press = null;
      app.history.settle();
      if (box) {
        const within = visibleStrokes(app.doc)
          .filter((stroke) => isWithin(stroke, box))
          .map(({ id }) => id);
        app.select(new Set(more ? [...app.selection, ...within] : within));
      } else if (!moving && !dragged) app.select(new Set());
      app.paper.refresh();
    },
    cancel() {
      press = null;
      app.paper.refresh();
    },
    paint(context) {
      const strokes = chosen();
      const { accent, ink } = app.paper.colors;
      drawStrokes(context, strokes, { color: accent, alpha: 0.28, more: 7 / app.view.scale });
      drawStrokes(context, strokes, { ink });
      context.lineWidth = 1 / app.view.scale;
      context.strokeStyle = accent;
      const frame = press?.box ?? (strokes.length > 1 ? boxOf(strokes) : null);
      if (!frame) return;
      context.setLineDash([4 / app.view.scale, 4 / app.view.scale]);
      context.strokeRect(frame[0], frame[1], frame[2] - frame[0], frame[3] - frame[1]);
      context.setLineDash([]);
    },
  };
}
