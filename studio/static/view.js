/** Where the sheet lies on the screen: zoom and pan. screen = sheet * scale + (x, y), CSS px. */

const LEAST = 0.1;
const MOST = 16;
/** CSS px of desk that stay around a sheet that fits. */
const MARGIN = 28;
const NARROW_MARGIN = 10;
const NARROW = 600;

export class View extends EventTarget {
  scale = 1;
  x = 0;
  y = 0;
  /** Whether the sheet is kept whole in sight: until somebody zooms or pans. */
  fitted = true;

  toSheet = ([x, y]) => [(x - this.x) / this.scale, (y - this.y) / this.scale];
  toScreen = ([x, y]) => [x * this.scale + this.x, y * this.scale + this.y];

  /** The whole sheet in the middle of an area. */
  fit([width, height], [areaWidth, areaHeight]) {
    const margin = areaWidth < NARROW ? NARROW_MARGIN : MARGIN;
    const room = [areaWidth - 2 * margin, areaHeight - 2 * margin];
    const scale = Math.min(room[0] / width, room[1] / height);
    this.scale = Math.min(MOST, Math.max(LEAST, scale));
    this.x = (areaWidth - width * this.scale) / 2;
    this.y = (areaHeight - height * this.scale) / 2;
    this.fitted = true;
    this.#moved();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.#moved();
  }

  /** Larger by a factor, around a point of the screen that stays where it is. */
  zoom(factor, [x, y]) {
    const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
    const real = scale / this.scale;
    this.x = x - (x - this.x) * real;
    this.y = y - (y - this.y) * real;
    this.scale = scale;
    this.fitted = false;
    this.#moved();
  }

  #moved() {
    this.dispatchEvent(new Event("move"));
  }
}
