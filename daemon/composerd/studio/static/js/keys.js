// @ts-check
/** Maps keys of the computer to pitches, and lays out the on-screen piano. Pure. */

import { isBlack } from "./music.js";

/** Physical keys (KeyboardEvent.code) from C upwards: two rows of letters, as in most music programs. */
export const ROW = [
  "KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU", "KeyJ", "KeyK", "KeyO", "KeyL", "KeyP",
  "Semicolon", "Quote",
];
const LABELS = ["A", "W", "S", "E", "D", "F", "T", "G", "Y", "H", "U", "J", "K", "O", "L", "P", ";", "'"];
export const LOWER = "KeyZ", HIGHER = "KeyX", SOFTER = "KeyC", LOUDER = "KeyV", PEDAL = "ShiftLeft";

/** The pitch that a computer's key plays, or null. @param {string} code @param {number} base pitch of the row's C */
export function pitchOf(code, base) {
  const place = ROW.indexOf(code);
  return place < 0 || base + place > 127 ? null : base + place;
}

/** The label of the computer's key for a pitch; empty for none. @param {number} pitch @param {number} base */
export const labelOf = (pitch, base) => LABELS[pitch - base] ?? "";

/**
 * @typedef {{pitch: number, black: boolean, left: number, width: number}} Key `left` and `width` in shares of the whole
 * @param {number} first a white key's pitch @param {number} whites how many
 * @returns {Key[]} white keys, then black ones
 */
export function layout(first, whites) {
  /** @type {Key[]} */
  const keys = [], black = [];
  let pitch = first;
  for (let i = 0; i < whites; i++) {
    keys.push({ pitch, black: false, left: i / whites, width: 1 / whites });
    if (isBlack(pitch + 1) && i < whites - 1) black.push({ pitch: pitch + 1, black: true, left: (i + 0.69) / whites, width: 0.62 / whites });
    pitch += isBlack(pitch + 1) ? 2 : 1;
  }
  return [...keys, .../** @type {Key[]} */ (black)];
}

/** The velocity of a key by the place at which it is touched: softer at the far end, louder near the player. @param {number} share 0 top to 1 bottom */
export const velocityAt = (share) => Math.max(30, Math.min(115, Math.round(45 + 70 * share)));
