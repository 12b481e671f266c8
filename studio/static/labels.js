/**
 * The label map of the Paint room: what was brushed and poured, things from strokes over it, and what
 * was brushed in front of those. A label map is { size: [w, h], pixels: Uint8Array }: the label's
 * pixel (id - 1), or 255 for none.
 */

export const UNLABELLED = 255;
/** px of the longer side: what a painter sees is not larger. */
const SIDE = 512;

/** The size of a sheet's label map. */
export function mapSize([width, height]) {
  const scale = SIDE / Math.max(width, height);
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

export const emptyMap = (size) => ({
  size,
  pixels: new Uint8Array(size[0] * size[1]).fill(UNLABELLED),
});

// Marks are only ever added or taken off at the end: what was drawn of a list serves the longer one.
const drawn = { behind: null, front: null };

/** Everything together; `growing` is a mark that is still being brushed, or null. */
export function composed(doc, things, growing = null) {
  const size = mapSize(doc.size);
  const scale = size[0] / doc.size[0];
  const behind = marked(
    "behind",
    doc.marks.filter(({ front }) => !front),
    size,
    doc.size,
  );
  const map = { size, pixels: behind.pixels.slice() };
  if (growing && !growing.front) drawMark(map, growing, scale);
  if (things && same(things.size, size)) over(map.pixels, things.pixels);
  const front = doc.marks.filter((mark) => mark.front);
  if (front.length) over(map.pixels, marked("front", front, size, doc.size).pixels);
  if (growing?.front) drawMark(map, growing, scale);
  return map;
}

const same = (a, b) => a[0] === b[0] && a[1] === b[1];

function over(below, above) {
  for (let i = 0; i < below.length; i += 1) if (above[i] !== UNLABELLED) below[i] = above[i];
}

function marked(where, marks, size, sheet) {
  const before = drawn[where];
  const goesOn =
    before && same(before.size, size) && before.marks.every((mark, i) => mark === marks[i]);
  const map = goesOn ? { size, pixels: before.pixels } : emptyMap(size);
  const scale = size[0] / sheet[0];
  for (const mark of marks.slice(goesOn ? before.marks.length : 0)) drawMark(map, mark, scale);
  drawn[where] = { ...map, marks };
  return map;
}

function drawMark(map, mark, scale) {
  if (mark.kind === "brush") drawBrush(map, mark, scale);
  else if (mark.kind === "fill") drawRuns(map, mark);
  else if (mark.kind === "map") drawMap(map, mark);
}

/** A brush's way: every px within half its width of the line. */
export function drawBrush(
  { size: [width, height], pixels },
  { points, width: wide, pixel },
  scale,
) {
  const radius = Math.max(0.5, (wide / 2) * scale);
  const at = points.map(([x, y]) => [x * scale, y * scale]);
  for (let i = 0; i < at.length; i += 1) {
    const [ax, ay] = at[Math.max(0, i - 1)];
    const [bx, by] = at[i];
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy || 1;
    const [x0, x1] = [
      Math.max(0, Math.floor(Math.min(ax, bx) - radius)),
      Math.min(width - 1, Math.ceil(Math.max(ax, bx) + radius)),
    ];
    const [y0, y1] = [
      Math.max(0, Math.floor(Math.min(ay, by) - radius)),
      Math.min(height - 1, Math.ceil(Math.max(ay, by) + radius)),
    ];
    for (let y = y0; y <= y1; y += 1) {
      for (let x = x0; x <= x1; x += 1) {
        const along = Math.min(
          1,
          Math.max(0, ((x + 0.5 - ax) * dx + (y + 0.5 - ay) * dy) / length),
        );
        const [ex, ey] = [ax + along * dx - x - 0.5, ay + along * dy - y - 0.5];
        if (ex * ex + ey * ey <= radius * radius) pixels[y * width + x] = pixel;
      }
    }
  }
}

/** A poured area, kept as runs [first, last + 1, first, ...] of a map of its own size. */
function drawRuns(map, { size, runs, pixel }) {
  if (same(size, map.size)) {
    for (let i = 0; i < runs.length; i += 2) map.pixels.fill(pixel, runs[i], runs[i + 1]);
    return;
  }
  const own = emptyMap(size);
  drawRuns(own, { size, runs, pixel });
  drawMap(map, own);
}

/** A whole map, brought to size; what it leaves unlabelled stays as it was. */
function drawMap({ size: [width, height], pixels }, { size: [w, h], pixels: source }) {
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * h) / height) * w;
    for (let x = 0; x < width; x += 1) {
      const pixel = source[row + Math.floor(((x + 0.5) * w) / width)];
      if (pixel !== UNLABELLED) pixels[y * width + x] = pixel;
    }
  }
}

/**
 * The area around a px that is of one region and one label, as runs.
 *
 * @param {Uint16Array|Uint8Array} numbers the region of each px.
 * @param {Uint8Array} pixels the label of each px.
 * @param {[number, number]} start x, y in px of the map.
 */
export function area(numbers, pixels, [width, height], [x, y]) {
  const [sx, sy] = [Math.floor(x), Math.floor(y)];
  if (sx < 0 || sy < 0 || sx >= width || sy >= height) return [];
  const start = sy * width + sx;
  const [number, pixel] = [numbers[start], pixels[start]];
  const inside = new Uint8Array(width * height);
  const stack = [start];
  inside[start] = 1;
  const visit = (i) => {
    if (!inside[i] && numbers[i] === number && pixels[i] === pixel) {
      inside[i] = 1;
      stack.push(i);
    }
  };
  while (stack.length) {
    const i = stack.pop();
    const column = i % width;
    if (column > 0) visit(i - 1);
    if (column < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return runsOf(inside);
}

function runsOf(inside) {
  const runs = [];
  for (let i = 0; i < inside.length; i += 1) {
    if (inside[i] && !(i > 0 && inside[i - 1])) runs.push(i);
    if (inside[i] && !inside[i + 1]) runs.push(i + 1);
  }
  return runs;
}

/** A map in its labels' colours onto a canvas of its size. */
export function colorMap(canvas, { size, pixels }, colors) {
  [canvas.width, canvas.height] = size;
  const image = new ImageData(...size);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i += 1) words[i] = colors[pixels[i]];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The colour of each pixel value for `colorMap`; none for unlabelled. */
export function colorTable(palette) {
  const table = new Uint32Array(256);
  for (const { pixel, rgb } of palette) {
    const value = Number.parseInt(rgb.slice(1), 16);
    const [red, green, blue] = [value >> 16, (value >> 8) & 255, value & 255];
    table[pixel] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}
