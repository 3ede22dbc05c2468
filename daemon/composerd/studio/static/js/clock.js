// @ts-check
/** The daemon's clock on this page's, and the band's beat on it. Pure: no page, no waiting. */

const WINDOW = 400;

/** Estimates the daemon's clock from the `now` of its messages; those with the least delay are the most accurate. */
export class ClockEstimate {
  constructor() {
    /** @type {{at: number, offset: number}[]} */
    this.seen = [];
  }

  /** @param {number} second the daemon's, when it sent @param {number} here this page's, in seconds, when it came */
  add(second, here) {
    this.seen.push({ at: here, offset: second - here });
    if (this.seen.length > WINDOW) this.seen.splice(0, this.seen.length - WINDOW);
  }

  forget() { this.seen = []; }

  /** The daemon's second at `here`; `here` itself before the first message. @param {number} here */
  second(here) {
    let best = -Infinity;
    for (const one of this.seen) if (one.offset > best) best = one.offset;
    return best === -Infinity ? here : here + best;
  }
}

/** @typedef {{at: number, beat: number, bpm: number}} TempoLine */

/** @param {TempoLine} line @param {number} second */
export const beatAt = (line, second) => line.beat + (second - line.at) * line.bpm / 60;

/** @param {TempoLine} line @param {number} beat */
export const secondAt = (line, beat) => line.at + (beat - line.beat) * 60 / line.bpm;

/** The second of the last beat, for a roll that steps from beat to beat instead of flowing. @param {TempoLine} line @param {number} second */
export const lastBeat = (line, second) => secondAt(line, Math.floor(beatAt(line, second)));

/** Median of the last values. */
export class Median {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    /** @type {number[]} */
    this.values = [];
  }

  /** @param {number} value */
  add(value) {
    this.values.push(value);
    if (this.values.length > this.size) this.values.shift();
  }

  /** @returns {number | null} */
  get value() {
    if (this.values.length === 0) return null;
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }
}
