/** The bucket of the Paint room: what it would fill is shown before it is poured. */

import { newId } from "../document.js";
import { SIGNS } from "../icons.js";
import { area } from "../labels.js";

/** @param {object} paint the room's: `label()`, `front()`, `numbers()` and `map()` of one size. */
export function bucketTool(app, paint) {
  let shown = null; // { runs, size, canvas }: what lies under the pointer
  let last = null;

  function find(at) {
    const map = paint.map();
    const scale = map.size[0] / app.doc.size[0];
    return {
      runs: area(
        paint.numbers(),
        map.pixels,
        map.size,
        at.map((v) => v * scale),
      ),
      size: map.size,
    };
  }

  function preview(at) {
    const found = find(at);
    const key = `${found.runs[0]}-${found.runs.length}-${paint.label().name}`;
    if (shown?.key !== key) shown = { ...found, key, canvas: stencil(found, paint.label().rgb) };
    app.paper.refresh();
  }

  return {
    name: "bucket",
    title: "Fill with a label",
    key: "f",
    sign: SIGNS.bucket,
    cursor: "crosshair",
    begin(point) {
      last = point.at;
      preview(last);
    },
    move(points) {
      last = points.at(-1).at;
    },
    end() {
      if (!last) return;
      const { runs, size } = find(last);
      const { name, pixel } = paint.label();
      last = null;
      shown = null;
      if (runs.length === 0) return;
      const mark = {
        id: newId(),
        kind: "fill",
        label: name,
        pixel,
        size,
        runs,
        front: paint.front(),
      };
      app.commit({ ...app.doc, marks: [...app.doc.marks, mark] }, `filling with ${name}`);
    },
    cancel() {
      last = null;
    },
    hover(point) {
      preview(point.at);
    },
    leave() {
      shown = null;
      app.paper.refresh();
    },
    paint(context) {
      if (!shown) return;
      context.save();
      context.imageSmoothingEnabled = false;
      context.drawImage(shown.canvas, 0, 0, ...app.doc.size);
      context.restore();
    },
  };
}

/** An area in a colour, hatched, so that it is seen on its own colour too. */
function stencil({ runs, size: [width, height] }, rgb) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const value = Number.parseInt(rgb.slice(1), 16);
  const color = [value >> 16, (value >> 8) & 255, value & 255];
  for (let k = 0; k < runs.length; k += 2) {
    for (let i = runs[k]; i < runs[k + 1]; i += 1) {
      const line = ((i % width) + Math.floor(i / width)) % 8 < 2;
      image.data.set(line ? [40, 34, 28, 150] : [...color, 170], i * 4);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
