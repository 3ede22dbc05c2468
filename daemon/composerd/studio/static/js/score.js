// @ts-check
/** The content of the flowing roll: past, sounding and planned notes, by second. Pure. */

import { secondAt } from "./clock.js";

/**
 * @typedef {import("./link.js").NoteNews} NoteNews
 * @typedef {import("./link.js").Outlook} Outlook
 * @typedef {{part: number | null, pitch: number, on: number, off: number | null, velocity: number}} Shown
 */

/** Seconds of the past that are kept. */
export const KEPT = 40;
const MOST = 6000;
/** Seconds after which a note counts as ended if its end was not reported. */
const LONGEST = 30;
/** A chord that is replaced within this time did not sound [s]. */
const UNHEARD = 0.15;
/** Least length of a chord that is drawn [s]. */
const UNSEEN = 0.1;
/** Seconds that the last planned chord is drawn for. */
const AHEAD = 60;

export class Score {
  constructor() {
    /** @type {Shown[]} in order of `on` */
    this.notes = [];
    /** @type {Map<string, Shown>} */
    this.sounding = new Map();
    /** @type {Shown[]} */
    this.ahead = [];
    /** @type {{second: number, bar: number}[]} bar lines that have passed */
    this.bars = [];
    /** @type {{second: number, name: string}[]} */
    this.chords = [];
    /** @type {Map<string, number>} loudness of each part's last note and when: part -> second */
    this.struck = new Map();
  }

  /** @param {NoteNews[]} news */
  add(news) {
    for (const [second, part, pitch, velocity] of news) {
      const key = `${part}/${pitch}`;
      const before = this.sounding.get(key);
      if (before) { before.off = Math.max(before.on, second); this.sounding.delete(key); }
      if (velocity === 0) continue;
      const note = { part, pitch, on: second, off: null, velocity };
      this.notes.push(note);
      this.sounding.set(key, note);
      this.struck.set(String(part), second);
    }
    if (this.notes.length > MOST) this.notes.splice(0, this.notes.length - MOST);
  }

  /** Take the plan, and the current bar line and chord. @param {Outlook} outlook */
  look(outlook) {
    if (outlook.beat === null) { this.ahead = []; return; }
    const line = { at: outlook.at, beat: outlook.beat, bpm: outlook.bpm };
    this.ahead = outlook.notes
      .map(([part, pitch, on, off, velocity]) => ({ part, pitch, on: secondAt(line, on), off: secondAt(line, off), velocity }))
      .filter((note) => note.on > outlook.at - 0.02);
    const bar = { second: secondAt(line, outlook.bar_at), bar: outlook.bar };
    const last = this.bars[this.bars.length - 1];
    if (!last || bar.second > last.second + 0.2) this.bars.push(bar);
    const now = spanNow(outlook);
    const newest = this.chords[this.chords.length - 1];
    if (now && newest?.name !== now[2]) this.change(Math.max(secondAt(line, now[0]), (newest?.second ?? -Infinity) + 0.01), now[2], outlook.at);
  }

  /** Record a change of chord; one that was replaced before it sounded is dropped. @param {number} from @param {string} name @param {number} now */
  change(from, name, now) {
    const newest = this.chords[this.chords.length - 1];
    if (newest && now - newest.second < UNHEARD) { this.chords.pop(); from = newest.second; }
    if (this.chords[this.chords.length - 1]?.name !== name) this.chords.push({ second: from, name });
  }

  /** End all notes, because some news were lost. @param {number} second */
  lose(second) {
    for (const note of this.sounding.values()) note.off = Math.max(note.on, second);
    this.sounding.clear();
  }

  /** Drop what is older than KEPT seconds. @param {number} second */
  forget(second) {
    for (const [key, note] of this.sounding) if (note.on < second - LONGEST) { note.off = second; this.sounding.delete(key); }
    let old = 0;
    while (old < this.notes.length && (this.notes[old]?.off ?? Infinity) < second - KEPT) old++;
    if (old > 64) this.notes.splice(0, old);
    while ((this.bars[0]?.second ?? Infinity) < second - KEPT) this.bars.shift();
    while ((this.chords[1]?.second ?? Infinity) < second - KEPT) this.chords.shift();
  }

  clear() {
    this.notes = []; this.ahead = []; this.bars = []; this.chords = [];
    this.sounding.clear(); this.struck.clear();
  }
}

/**
 * The chord lane: what sounded, what sounds, and what is planned. A chord too short to be seen is left out, and chords
 * of one name that follow each other are one.
 * @typedef {{from: number, until: number, name: string, coming: boolean, sure: number}} Named
 * @param {{second: number, name: string}[]} past @param {Outlook | null} outlook @param {number} second now @returns {Named[]}
 */
export function lane(past, outlook, second) {
  const goesOn = outlook !== null && outlook.beat !== null;
  const found = past.map((chord) => ({ from: chord.second, until: Infinity, name: chord.name, coming: false, sure: 1 }));
  if (goesOn) {
    const line = { at: outlook.at, beat: /** @type {number} */ (outlook.beat), bpm: outlook.bpm };
    for (const [beat, , name, sure] of outlook.chords) {
      const from = secondAt(line, beat);
      if (from > second) found.push({ from, until: Infinity, name, coming: true, sure });
    }
  }
  found.forEach((chord, index) => { chord.until = found[index + 1]?.from ?? (goesOn ? second + AHEAD : second); });
  /** @type {Named[]} */
  const shown = [];
  for (const chord of found) {
    const before = shown[shown.length - 1];
    if (before && (before.name === chord.name || chord.until - chord.from < UNSEEN)) before.until = chord.until;
    else if (chord.until - chord.from >= UNSEEN) shown.push(chord);
  }
  return shown;
}

/** @param {Outlook} outlook */
function spanNow({ chords, beat }) {
  return beat === null ? undefined : chords.find(([from, beats]) => from <= beat + 0.01 && from + beats > beat);
}

/** The name of the chord that the plan has now; empty for none. @param {Outlook} outlook */
export const chordNow = (outlook) => spanNow(outlook)?.[2] ?? "";

/**
 * Lowest and highest pitch to be drawn, of a range that only slowly follows the music, in whole octaves.
 * @param {Iterable<{pitch: number}>} notes @param {[number, number]} before @returns {[number, number]}
 */
export function rangeOf(notes, before) {
  let low = 127, high = 0;
  for (const note of notes) { low = Math.min(low, note.pitch); high = Math.max(high, note.pitch); }
  if (low > high) return before;
  return [Math.min(before[0], Math.floor((low - 2) / 6) * 6), Math.max(before[1], Math.ceil((high + 2) / 6) * 6)];
}
