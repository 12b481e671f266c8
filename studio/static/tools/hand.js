/** Moves the sheet under the window. (The space bar held does so with every tool.) */

import { SIGNS } from "../icons.js";

export function handTool() {
  return {
    name: "hand",
    title: "Move the paper",
    key: "h",
    sign: SIGNS.hand,
    cursor: "grab",
    pans: true,
    begin() {},
    move() {},
    end() {},
    cancel() {},
  };
}
