// @ts-check
/** Draws the flowing piano roll: the past left and the plan right of the line of now, chords above, drums in a lane of their own. */

import { palette, surface } from "./dom.js";
import { pitchName } from "./music.js";
import { lane, rangeOf } from "./score.js";

/**
 * @typedef {import("./score.js").Score} Score
 * @typedef {import("./score.js").Shown} Shown
 * @typedef {import("./link.js").Outlook} Outlook
 */

/** Share of the width that lies before now. */
const NOW = 0.64;
const CHORDS = 26, BARS = 18;
const DRUM_ROWS = [36, 35, 38, 40, 37, 39, 42, 44, 46, 41, 43, 45, 47, 48, 50, 51, 53, 59, 49, 57, 52, 55];

export class Roll {
  /** @param {HTMLCanvasElement} canvas @param {Score} score */
  constructor(canvas, score) {
    this.canvas = canvas;
    this.score = score;
    this.colours = palette();
    /** @type {[number, number]} */
    this.range = [48, 78];
    /** @type {Set<number>} indices of drum parts */
    this.drums = new Set();
    /** @type {Set<number>} parts that are muted */
    this.silent = new Set();
    /** Mean duration of the last drawings [ms]. */
    this.cost = 0;
  }

  recolour() { this.colours = palette(); }

  /** Length of the time that is shown [s]. @param {number} width */
  span(width) { return Math.min(16, Math.max(6, width / 78)); }

  /** @param {number} second the daemon's, now @param {Outlook | null} outlook */
  draw(second, outlook) {
    const began = performance.now();
    const { context, width, height } = surface(this.canvas);
    const span = this.span(width), scale = width / span, nowX = Math.round(width * NOW);
    /** @param {number} at */
    const x = (at) => nowX + (at - second) * scale;
    const first = second - nowX / scale, last = second + (width - nowX) / scale;
    const pitched = [...visible(this.score.notes, first, last), ...this.score.ahead].filter((note) => !this.isDrum(note));
    this.range = rangeOf(pitched, this.range);
    const lane = this.drums.size ? Math.min(84, height * 0.2) : 0;
    const top = CHORDS + BARS, bottom = height - lane - (lane ? 6 : 0);
    const rows = this.range[1] - this.range[0] + 1, row = (bottom - top) / rows;
    /** @param {number} pitch */
    const y = (pitch) => bottom - (pitch - this.range[0] + 1) * row;

    context.fillStyle = this.colours.bg;
    context.fillRect(0, 0, width, height);
    this.drawGround(context, width, top, bottom, y, row, height, lane);
    this.drawBars(context, x, height, outlook, first, last);
    this.drawChords(context, x, width, second, outlook, first);
    /** @param {Shown} note */
    const box = (note) => this.isDrum(note)
      ? { y: height - 7 - (drumRow(note.pitch) + 1) * ((lane - 10) / 7), h: Math.max(2, (lane - 10) / 7 - 1.5), least: 4 }
      : { y: y(note.pitch), h: Math.max(note.part === null ? 6 : 4.5, Math.min(15, row - 1)), least: 3 };
    for (const note of this.score.ahead) if (note.on < last) this.drawAhead(context, note, x, box(note), nowX);
    const past = visible(this.score.notes, first, last);
    for (const note of past) if (note.part !== null) this.drawNote(context, note, x, box(note), second, width);
    for (const note of past) if (note.part === null) this.drawNote(context, note, x, box(note), second, width);
    context.globalAlpha = 1;
    context.fillStyle = this.colours.gold;
    context.fillRect(nowX - 1, CHORDS, 2, height - CHORDS);
    this.cost += 0.1 * (performance.now() - began - this.cost);
  }

  /** @param {{part: number | null}} note */
  isDrum(note) { return note.part !== null && this.drums.has(note.part); }

  /** @param {number | null} part */
  colour(part) { return part === null ? this.colours.you : this.colours.parts[part % this.colours.parts.length] ?? this.colours.ink; }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} top @param {number} bottom
   * @param {(pitch: number) => number} y @param {number} row @param {number} height @param {number} lane */
  drawGround(context, width, top, bottom, y, row, height, lane) {
    context.fillStyle = this.colours.line;
    context.font = "10.5px system-ui, sans-serif";
    for (let pitch = Math.ceil(this.range[0] / 12) * 12; pitch <= this.range[1]; pitch += 12) {
      context.globalAlpha = 0.75;
      context.fillRect(0, Math.round(y(pitch) + row), width, 1);
    }
    context.globalAlpha = 1;
    context.fillStyle = this.colours.faint;
    for (let pitch = Math.ceil(this.range[0] / 12) * 12; pitch <= this.range[1]; pitch += 12) {
      const at = y(pitch) + row - 4;
      if (at > top + 8 && at < bottom) context.fillText(pitchName(pitch), 6, at);
    }
    if (lane) {
      context.globalAlpha = 0.5;
      context.fillStyle = this.colours.card;
      context.fillRect(0, height - lane - 3, width, lane + 3);
      context.globalAlpha = 1;
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {(at: number) => number} x @param {number} height
   * @param {Outlook | null} outlook @param {number} first @param {number} last */
  drawBars(context, x, height, outlook, first, last) {
    const lines = this.score.bars.filter((bar) => bar.second > first - 1);
    if (outlook && outlook.beat !== null) {
      const seconds = 60 / outlook.bpm;
      const start = outlook.at + (outlook.bar_at - outlook.beat) * seconds;
      for (let i = 1; i < 12 && start + i * outlook.bar_beats * seconds < last; i++) {
        const at = start + i * outlook.bar_beats * seconds;
        if (!lines.some((line) => Math.abs(line.second - at) < 0.2)) lines.push({ second: at, bar: outlook.bar + i });
      }
    }
    context.font = "600 11px system-ui, sans-serif";
    for (const line of lines) {
      const at = Math.round(x(line.second));
      context.globalAlpha = 0.9;
      context.fillStyle = this.colours.line;
      context.fillRect(at, CHORDS, 1, height);
      context.globalAlpha = 1;
      context.fillStyle = this.colours.faint;
      context.fillText(String(line.bar), at + 5, CHORDS + 13);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {(at: number) => number} x @param {number} width @param {number} second
   * @param {Outlook | null} outlook @param {number} first */
  drawChords(context, x, width, second, outlook, first) {
    context.font = "650 13px system-ui, sans-serif";
    for (const chord of lane(this.score.chords, outlook, second)) {
      if (chord.until < first) continue;
      const left = Math.max(0, x(chord.from)), right = Math.min(width, x(chord.until)) - 2;
      if (right - left < 3) continue;
      context.globalAlpha = chord.coming ? 0.3 + 0.35 * chord.sure : 1;
      context.fillStyle = this.colours.card;
      context.beginPath();
      context.roundRect(left, 3, right - left, CHORDS - 6, 6);
      context.fill();
      context.globalAlpha = chord.coming ? 0.75 : 1;
      context.fillStyle = chord.coming ? this.colours.soft : this.colours.ink;
      if (context.measureText(chord.name).width < right - left - 8) context.fillText(chord.name, left + 7, CHORDS - 9);
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {Shown} note @param {(at: number) => number} x
   * @param {{y: number, h: number, least: number}} box @param {number} nowX */
  drawAhead(context, note, x, box, nowX) {
    const left = Math.max(nowX + 2, x(note.on)), wide = Math.max(box.least, x(note.off ?? note.on) - left - 1);
    const colour = this.colour(note.part);
    context.globalAlpha = note.part !== null && this.silent.has(note.part) ? 0.1 : 0.2;
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(left, box.y, wide, box.h, Math.min(4, box.h / 2));
    context.fill();
    context.globalAlpha = note.part !== null && this.silent.has(note.part) ? 0.2 : 0.8;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {Shown} note @param {(at: number) => number} x
   * @param {{y: number, h: number, least: number}} box @param {number} second @param {number} width */
  drawNote(context, note, x, box, second, width) {
    const until = note.off ?? second, left = x(note.on), wide = Math.max(box.least, x(until) - left - 1);
    if (left > width || left + wide < 0) return;
    const sounds = note.off === null || note.off > second - 0.06;
    context.globalAlpha = sounds ? 1 : 0.42 + 0.42 * (note.velocity / 127);
    context.fillStyle = this.colour(note.part);
    context.beginPath();
    context.roundRect(left, box.y, wide, box.h, Math.min(4, box.h / 2));
    context.fill();
    if (sounds) {
      context.globalAlpha = 0.28;
      context.beginPath();
      context.roundRect(left - 2, box.y - 3, wide + 4, box.h + 6, 6);
      context.fill();
    }
  }
}

/** @param {Shown[]} notes @param {number} first @param {number} last */
function visible(notes, first, last) {
  return notes.filter((note) => (note.off ?? Infinity) >= first && note.on <= last);
}

/** The row of a drum, one of seven, the bass drum lowest. @param {number} pitch */
function drumRow(pitch) {
  const place = DRUM_ROWS.indexOf(pitch);
  return place < 0 ? 3 : Math.min(6, [0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6][place] ?? 3);
}

/** Pictures on the page -> how to draw them again. @type {Map<HTMLCanvasElement, () => void>} */
const stills = new Map();

/** Draw all still pictures again, after a change of the theme. */
export function redrawStills() {
  for (const [canvas, draw] of stills) { if (canvas.isConnected) draw(); else stills.delete(canvas); }
}

/**
 * A still picture of notes.
 * @param {HTMLCanvasElement} canvas @param {[number, number, number, number, number][]} notes second, seconds, pitch, velocity, track
 * @param {{seconds: number, from?: number, to?: number, at?: number | null, bars?: number[], tracks?: string[], hidden?: Set<number>, labels?: boolean}} options
 */
export function drawStill(canvas, notes, options) {
  stills.set(canvas, () => drawStill(canvas, notes, options));
  const colours = palette(), { context, width, height } = surface(canvas);
  const from = options.from ?? 0, to = options.to ?? Math.max(1, options.seconds), scale = width / (to - from);
  const drums = new Set((options.tracks ?? []).flatMap((name, index) => name === "drums" ? [index] : []));
  const shown = notes.filter((note) => !options.hidden?.has(note[4]));
  let low = 58, high = 66;
  for (const [, , pitch, , track] of shown) if (!drums.has(track)) { low = Math.min(low, pitch - 2); high = Math.max(high, pitch + 2); }
  const lane = drums.size && height > 100 ? height * 0.16 : 0, row = (height - lane) / (high - low + 1);
  context.fillStyle = colours.bg;
  context.fillRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  for (const [index, bar] of (options.bars ?? []).entries()) {
    if (bar < from || bar > to) continue;
    const at = Math.round((bar - from) * scale), wide = ((options.bars?.[1] ?? 2) - (options.bars?.[0] ?? 0)) * scale;
    if (wide < 9 && index % 4) continue;
    context.fillStyle = colours.line;
    context.fillRect(at, 0, 1, height);
    context.fillStyle = colours.faint;
    if (options.labels && (wide > 30 || index % 4 === 0)) context.fillText(String(index + 1), at + 4, 12);
  }
  for (const [second, seconds, pitch, velocity, track] of shown) {
    if (second > to || second + seconds < from) continue;
    const isDrum = drums.has(track);
    const y = isDrum ? height - 3 - (drumRow(pitch) + 1) * ((lane || 14) - 4) / 7 : height - lane - (pitch - low + 1) * row;
    context.globalAlpha = isDrum && !lane ? 0.35 : 0.45 + 0.5 * velocity / 127;
    context.fillStyle = track === 0 ? colours.you : colours.parts[(track - 1) % colours.parts.length] ?? colours.ink;
    context.fillRect((second - from) * scale, y, Math.max(1.5, seconds * scale - 0.5), isDrum ? Math.max(1.5, lane / 8) : Math.max(1.5, Math.min(12, row - 0.5)));
  }
  context.globalAlpha = 1;
  if (options.at !== null && options.at !== undefined) {
    context.fillStyle = colours.gold;
    context.fillRect((options.at - from) * scale - 1, 0, 2, height);
  }
}
