// @ts-check
/** Which keys of a computer play which pitches, and how an on-screen piano is laid out. Pure. */

import { isBlack } from "./music.js";

/** Physical keys (KeyboardEvent.code) from C upwards, as most music programs have them: two rows of letters. */
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

/** What stands on the computer's key for a pitch, or nothing. @param {number} pitch @param {number} base */
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

/** How hard a key is struck, by where along its length: softer far up, harder near the player. @param {number} share 0 top to 1 bottom */
export const velocityAt = (share) => Math.max(30, Math.min(115, Math.round(45 + 70 * share)));
