/** Points, boxes and lines: what the tools need to know of a stroke. All in sheet px. */

export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

const mixed = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];

/** The box [x0, y0, x1, y1] around strokes, or null where there are none. */
export function boxOf(strokes) {
  let box = null;
  for (const { points } of strokes) {
    for (const [x, y] of points) {
      box ??= [x, y, x, y];
      box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
    }
  }
  return box;
}

/** Distance of a point from the stretch between a and b. */
function distanceToLine(point, a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (length || 1);
  return distance(point, mixed(a, b, Math.min(1, Math.max(0, along))));
}

/** Distance of a point from a stroke. */
export function distanceToStroke(point, { points }) {
  if (points.length === 1) return distance(point, points[0]);
  let least = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    least = Math.min(least, distanceToLine(point, points[i - 1], points[i]));
  }
  return least;
}

/** The topmost stroke within `reach` of a point, or null. */
export function strokeAt(strokes, point, reach) {
  for (let i = strokes.length - 1; i >= 0; i -= 1) {
    if (distanceToStroke(point, strokes[i]) <= reach + (strokes[i].width ?? 0) / 2) {
      return strokes[i];
    }
  }
  return null;
}

/** Whether a stroke lies wholly within a box. */
export const isWithin = ({ points }, [x0, y0, x1, y1]) =>
  points.every(([x, y]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);

/** The parts [from, to) of a stroke, with its times and pressures. */
function cut(stroke, ranges) {
  return ranges
    .filter(([from, to]) => to > from)
    .map(([from, to]) => ({
      points: stroke.points.slice(from, to),
      time: stroke.time?.slice(from, to) ?? null,
      pressure: stroke.pressure?.slice(from, to) ?? null,
    }));
}

/** More points on the long stretches of a stroke, so that it can be cut anywhere. */
function denser(stroke, step) {
  const made = { points: [], time: stroke.time && [], pressure: stroke.pressure && [] };
  const add = (i, t) => {
    const blend = (values) => values[i] + ((values[i + 1] ?? values[i]) - values[i]) * t;
    made.points.push(mixed(stroke.points[i], stroke.points[i + 1] ?? stroke.points[i], t));
    made.time?.push(blend(stroke.time));
    made.pressure?.push(blend(stroke.pressure));
  };
  for (let i = 0; i < stroke.points.length; i += 1) {
    const next = stroke.points[i + 1];
    const pieces = next ? Math.max(1, Math.ceil(distance(stroke.points[i], next) / step)) : 1;
    for (let k = 0; k < pieces; k += 1) add(i, k / pieces);
  }
  return { ...stroke, ...made };
}

/** What a round eraser at a point leaves of a stroke: null where it touches nothing, else pieces. */
export function erased(stroke, point, radius) {
  if (distanceToStroke(point, stroke) > radius) return null;
  const dense = denser(stroke, radius / 2);
  const ranges = [];
  let from = 0;
  dense.points.forEach((at, i) => {
    if (distance(at, point) > radius) return;
    ranges.push([from, i]);
    from = i + 1;
  });
  ranges.push([from, dense.points.length]);
  return cut(dense, ranges).filter(({ points }) => points.length > 1);
}

/** A stroke smoothed: each point moved to a weighted mean of its neighbours; the ends stay. */
export function smoothed(stroke, rounds = 4) {
  const step = 4; // px: neighbours this far apart, whatever the pen's events were
  let dense = stroke.points.length > 2 ? denser(stroke, step) : stroke;
  for (let round = 0; round < rounds; round += 1) {
    const { points } = dense;
    const closed = points.length > 3 && distance(points[0], points.at(-1)) < 1e-6;
    const last = points.length - 1;
    const moved = points.map((point, i) => {
      const before = points[i - 1] ?? (closed ? points[last - 1] : null);
      const after = points[i + 1] ?? (closed ? points[1] : null);
      if (!before || !after) return point;
      return [0, 1].map((k) => (before[k] + 2 * point[k] + after[k]) / 4);
    });
    dense = { ...dense, points: moved };
  }
  return dense;
}

/**
 * The nearest gap between ends of strokes, no wider than `most` px.
 *
 * @returns {{a: number, b: number, aEnd: boolean, bEnd: boolean, width: number}|null} strokes by
 *   number and which end of each; a === b is a stroke's own two ends.
 */
export function nearestGap(strokes, most) {
  let best = null;
  const consider = (gap) => {
    if (gap.width <= most && gap.width > 0 && gap.width < (best?.width ?? Infinity)) best = gap;
  };
  const end = ({ points }, last) => (last ? points.at(-1) : points[0]);
  strokes.forEach((stroke, a) => {
    const own = distance(end(stroke, false), end(stroke, true));
    // A stroke shorter than its own gap is no loop.
    if (stroke.points.length > 3 && lengthOf(stroke) > 2 * own) {
      consider({ a, b: a, aEnd: true, bEnd: false, width: own });
    }
    for (let b = a + 1; b < strokes.length; b += 1) {
      for (const aEnd of [true, false]) {
        for (const bEnd of [true, false]) {
          const width = Math.max(1e-9, distance(end(stroke, aEnd), end(strokes[b], bEnd)));
          consider({ a, b, aEnd, bEnd, width });
        }
      }
    }
  });
  return best;
}

function lengthOf({ points }) {
  let length = 0;
  for (let i = 1; i < points.length; i += 1) length += distance(points[i - 1], points[i]);
  return length;
}

/** Two strokes as one that runs through the gap between them, or one stroke closed. */
export function joined(strokes, { a, b, aEnd, bEnd }) {
  const first = strokes[a];
  if (a === b) {
    const again = (values) => values && [...values, values.at(-1)];
    return {
      ...first,
      points: [...first.points, first.points[0]],
      time: again(first.time),
      pressure: again(first.pressure),
    };
  }
  const turned = (values, turn) => (values && turn ? [...values].reverse() : values);
  const both = (key) => {
    if (!first[key] || !strokes[b][key]) return null;
    return [...turned(first[key], !aEnd), ...turned(strokes[b][key], bEnd)];
  };
  return { ...first, points: both("points"), pressure: both("pressure"), time: null };
}
