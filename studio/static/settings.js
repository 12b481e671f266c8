/** What is remembered that is no part of the drawing: pens, rooms' controls, the theme. */

import { PEN } from "./document.js";
import { newSeed } from "./ui.js";

export const usualSettings = () => ({
  room: "doodle",
  theme: null,
  tool: "draw",
  layer: null,
  pen: { color: null, width: PEN },
  eraser: { width: 18, whole: false },
  /** px: ends nearer than this can be joined. */
  gap: 24,
  doodle: { word: "", n: 5, temperature: null, seed: newSeed() % 1000, ghosts: true, mimic: "" },
  morph: {
    four: false,
    steps: 12,
    at: [0.5, 0.5],
    words: ["cat", "rabbit", "fish", "bird"],
    seed: 1,
  },
  clean: {
    clean: true,
    strength: 0.5,
    gap: 2.6,
    accuracy: 0.2,
    varied: false,
    layers: false,
    opacity: 0.45,
    pen: false,
    below: "scan",
  },
  paint: {
    label: null,
    width: 40,
    front: false,
    tolerance: 0.05,
    seed: 1,
    regions: {},
    labels: 0.85,
    live: true,
  },
  save: { format: "svg", width: "", pen: "", size: 1024, seconds: 4 },
});

/** Kept settings over the usual ones, part by part, so that new ones get their usual value. */
export function withUsual(kept) {
  const usual = usualSettings();
  const parts = Object.entries(usual).map(([key, value]) => {
    const found = kept?.[key];
    const isPart = value !== null && typeof value === "object" && !Array.isArray(value);
    return [key, found === undefined ? value : isPart ? { ...value, ...found } : found];
  });
  return Object.fromEntries(parts);
}
