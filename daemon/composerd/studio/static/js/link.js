// @ts-check
/** The page's connection to the studio: requests and answers, news of the band, files; it comes back by itself. */

import { ClockEstimate } from "./clock.js";

/**
 * @typedef {{name: string, role: string, channel: number, program: number}} Part
 * @typedef {{name: string, title: string, bpm: number, parts: Part[], metre: {numerator: number, denominator: number}, feel?: {swing: number}}} Genre
 * @typedef {Record<string, any> & {state: string, genre: string, bpm: number, bar: number, beat: number, chord: string, next_chord: string,
 *   keyboard: string | null, late: number, dropped: number, notes: string[], variation: string, muted: string[], solo: string[]}} Snapshot
 * @typedef {{at: number, bpm: number, beat: number | null, bar: number, bar_at: number, bar_beats: number, pulse_beats: number,
 *   notes: [number | null, number, number, number, number][], chords: [number, number, string, number][], key: string}} Outlook
 * @typedef {[number, number | null, number, number, number | null]} NoteNews second, part, pitch, velocity, beat
 * @typedef {{connected?: boolean, now?: number, genre?: Genre, snapshot?: Snapshot, outlook?: Outlook, notes?: NoteNews[], lost?: number}} News
 * @typedef {{id: number, ok: boolean, error?: string, found?: any, status?: any, file?: {name: string, type: string, size: number}}} Answer
 * @typedef {{resolve: (answer: any) => void, reject: (error: Error) => void, file?: FileComing}} Waiting
 * @typedef {{name: string, type: string, size: number, got: number, pieces: ArrayBuffer[]}} FileComing
 */

const AGAIN = [300, 700, 1500, 3000];

export class Link extends EventTarget {
  constructor() {
    super();
    this.clock = new ClockEstimate();
    this.open = false;
    this.connected = false;
    /** The studio's reason for refusing the connection; empty if it gave none. */
    this.why = "";
    /** @type {Genre | null} */
    this.genre = null;
    /** @type {Snapshot | null} */
    this.snapshot = null;
    /** @type {Outlook | null} */
    this.outlook = null;
    /** @type {Map<number, Waiting>} */
    this.waiting = new Map();
    this.number = 0;
    this.tries = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.connect();
  }

  connect() {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => { this.open = true; this.tries = 0; this.tell("connection"); };
    socket.onmessage = (event) => typeof event.data === "string" ? this.receive(JSON.parse(event.data)) : this.take(event.data);
    socket.onclose = (event) => this.lost(event.reason);
    this.socket = socket;
  }

  /** @param {string} [why] what the studio said as it hung up */
  lost(why = "") {
    this.open = this.connected = false;
    this.why = why;
    this.genre = this.snapshot = this.outlook = null;
    this.clock.forget();
    for (const one of this.waiting.values()) one.reject(new Error("the studio does not answer"));
    this.waiting.clear();
    this.tell("connection");
    setTimeout(() => this.connect(), AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }

  /** @param {string} what @param {any} [detail] */
  tell(what, detail) { this.dispatchEvent(new CustomEvent(what, { detail })); }

  /** The daemon's second now. */
  get second() { return this.clock.second(performance.now() / 1000); }

  /** @param {News & {answer?: Answer}} heard */
  receive(heard) {
    if (heard.answer !== undefined) { this.answered(heard.answer); return; }
    if (heard.now !== undefined && !heard.lost) this.clock.add(heard.now, performance.now() / 1000);
    if (heard.connected !== undefined) {
      this.connected = heard.connected;
      if (!heard.connected) { this.genre = this.snapshot = this.outlook = null; this.clock.forget(); }
      this.tell("connection");
    }
    if (heard.lost) this.tell("lost");
    if (heard.genre) { this.genre = heard.genre; this.tell("genre", heard.genre); }
    if (heard.outlook) { this.outlook = heard.outlook; this.tell("outlook", heard.outlook); }
    if (heard.notes) this.tell("notes", heard.notes);
    if (heard.snapshot) { this.snapshot = heard.snapshot; this.tell("snapshot", heard.snapshot); }
  }

  /** @param {Answer} answer */
  answered(answer) {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined) return;
    if (answer.ok && answer.file) {
      waiting.file = { ...answer.file, got: 0, pieces: [] };
      return;
    }
    this.waiting.delete(answer.id);
    if (answer.ok) waiting.resolve("found" in answer ? answer.found : answer);
    else waiting.reject(new Error(answer.error ?? "refused"));
  }

  /** Take a piece of a file. @param {ArrayBuffer} data */
  take(data) {
    const number = new DataView(data).getUint32(0);
    const waiting = this.waiting.get(number), file = waiting?.file;
    if (!waiting || !file) return;
    file.pieces.push(data.slice(4));
    file.got += data.byteLength - 4;
    if (file.got < file.size) return;
    this.waiting.delete(number);
    waiting.resolve({ name: file.name, blob: new Blob(file.pieces, { type: file.type }) });
  }

  /** @param {Record<string, unknown>} request @returns {Promise<any>} */
  request(request) {
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      if (!this.open || this.socket === null) { reject(new Error("the studio does not answer")); return; }
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ ...request, id }));
    });
  }

  /** Send a request to the band: the words of `composerd ctl`. @param {string} word @param {Record<string, unknown>} [fields] */
  do(word, fields = {}) { return this.request({ ...fields, do: word }); }

  /** Send a request to the studio itself. @param {string} word @param {Record<string, unknown>} [fields] @returns {Promise<any>} */
  ask(word, fields = {}) { return this.request({ ...fields, studio: word }); }
}
