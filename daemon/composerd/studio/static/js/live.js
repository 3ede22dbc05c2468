// @ts-check
/** The live view: the notes of player and band, the plan, and all controls. */

import { Band, variationOf } from "./band.js";
import { lastBeat } from "./clock.js";
import { carryOut, title } from "./controls.js";
import { coded, el, say, toast } from "./dom.js";
import { Mixer } from "./mixer.js";
import { Now } from "./now.js";
import { Piano } from "./piano.js";
import { Roll } from "./roll.js";
import { Score, chordNow } from "./score.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./link.js").Snapshot} Snapshot
 * @typedef {import("./controls.js").Command} Command
 */

/** Seconds without news after which drawing stops. */
const REST = 14;

export class Live {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.score = new Score();
    this.canvas = el("canvas", { role: "img", "aria-label": "Piano roll of player and band" });
    this.roll = new Roll(this.canvas, this.score);
    this.mixer = new Mixer(link);
    this.piano = new Piano(link);
    /** @type {Set<number>} */
    this.mine = new Set();
    /** Semitones that the player's keys sound higher than they are. */
    this.keys = 0;
    this.newest = 0;
    this.frame = 0;
    this.last = 0;
    this.frames = { count: 0, from: 0, rate: 0 };
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.now = new Now();
    this.band = new Band(link);
    this.invite = el("div", { class: "invite" });
    this.legend = el("div", { class: "legend", "aria-hidden": "true" });
    this.startButton = this.big("Start", "and play", () => this.startOrEnd(), "main");
    this.fullButton = this.big("Fuller", "more notes", () => carryOut(this.link, "variation"));
    this.element = this.build();
    this.listen();
  }

  build() {
    const rollbox = el("section", { class: "card rollbox", "aria-label": "Roll" }, this.canvas, this.invite, this.legend);
    return el("div", { class: "live" }, el("h1", { class: "unseen" }, "Live"),
      el("div", { class: "stage" }, this.now.element, rollbox, this.stage(), this.piano.element), el("div", { class: "side" }, this.mixer.element, this.band.element));
  }

  stage() {
    return el("section", { class: "bigs", "aria-label": "Stage" }, this.startButton,
      this.big("Stop", "twice: panic", () => carryOut(this.link, "stop")), this.big("Fill", "to the bar line", () => carryOut(this.link, "fill")),
      this.big("Break", "a bar of rest", () => carryOut(this.link, "break")), this.fullButton,
      this.big("Tap", "the tempo", () => carryOut(this.link, "tap"), "", "pointerdown"), this.big("Save", "last two minutes", () => this.save()),
      this.big("Panic", "all silent", () => carryOut(this.link, "panic"), "warn"));
  }

  /** @param {string} name @param {string} under @param {() => unknown} run @param {string} [look] @param {string} [event] */
  big(name, under, run, look = "", event = "click") {
    const made = el("button", { class: look || false }, el("span", {}, name), el("small", {}, under));
    if (event === "click") made.addEventListener("click", run);
    else {
      made.addEventListener(event, run);
      made.addEventListener("keydown", (pressed) => { if (["Enter", "Space"].includes(pressed.code) && !pressed.repeat) { pressed.preventDefault(); run(); } });
    }
    return made;
  }

  startOrEnd() {
    const playing = this.isPlaying(this.link.snapshot);
    carryOut(this.link, playing ? "end" : "start");
  }

  save() {
    carryOut(this.link, "save").then((done) => done && toast("The last two minutes are kept as a take", { action: "Takes", run: () => { location.hash = "takes"; } }));
  }

  /** @param {Snapshot | null} snapshot */
  isPlaying(snapshot) { return snapshot !== null && snapshot.state !== "ready"; }

  listen() {
    const link = this.link;
    link.addEventListener("connection", () => this.showConnection());
    link.addEventListener("lost", () => this.score.lose(link.second));
    link.addEventListener("genre", () => this.showGenre());
    link.addEventListener("outlook", () => { if (link.outlook) { this.score.look(link.outlook); this.wake(); } });
    link.addEventListener("notes", (event) => this.addNotes(/** @type {CustomEvent} */ (event).detail));
    link.addEventListener("snapshot", () => this.show());
    document.addEventListener("visibilitychange", () => this.wake());
    new ResizeObserver(() => this.wake()).observe(this.canvas);
  }

  showConnection() {
    if (!this.link.connected) this.clear();
    this.showInvite();
    this.wake();
  }

  /** Clear the view: no band is connected. */
  clear() {
    this.score.clear();
    this.mixer.clear();
    this.mine.clear();
    this.piano.light(this.mine);
    this.piano.tones("");
    this.now.clear();
    this.legend.replaceChildren();
    label(this.startButton, "Start", "or just play");
  }

  /** Make the controls when the table of commands and the genres have arrived. @param {Command[]} commands @param {{name: string, title: string}[]} genres */
  furnish(commands, genres) {
    this.band.furnish(commands, genres);
    this.show();
  }

  showGenre() {
    const genre = this.link.genre;
    if (!genre) return;
    this.mixer.build(genre);
    this.roll.drums = new Set(genre.parts.flatMap((part, index) => part.role === "drums" ? [index] : []));
    this.legend.replaceChildren(swatch("--you", "you"), ...genre.parts.map((part, index) => swatch(`--p${index % 8}`, part.name)));
    this.show();
    this.wake();
  }

  show() {
    const snapshot = this.link.snapshot;
    if (!snapshot) return;
    const playing = this.isPlaying(snapshot);
    const chord = snapshot.chord || (playing && this.link.outlook ? chordNow(this.link.outlook) : "");
    this.now.show(snapshot, chord, this.link.outlook?.key ?? "");
    this.band.show(snapshot);
    const full = variationOf(snapshot) === "B";
    label(this.startButton, playing ? "End" : "Start", playing ? "at the bar line" : "or just play");
    label(this.fullButton, full ? "Ordinary" : "Fuller", full ? "fewer notes" : "more notes");
    this.transpose(Number(snapshot.controls?.transpose_keys ?? 0));
    this.mixer.show(snapshot);
    this.roll.silent = this.mixer.silent(snapshot);
    this.piano.tones(chord);
    if (!playing) this.score.ahead = [];
    this.canvas.setAttribute("aria-label", playing ? `Piano roll of player and band: ${snapshot.genre}, bar ${snapshot.bar}` : "Piano roll of player and band, at rest");
    this.showInvite();
    this.wake();
  }

  showInvite() {
    const link = this.link, there = !!link.snapshot && this.isPlaying(link.snapshot) || this.score.notes.length > 0;
    this.invite.hidden = there && link.connected;
    if (this.invite.hidden) return;
    const [head, text] = !link.open ? [link.why || "The studio does not answer", "This page keeps trying to reach it."]
      : !link.connected ? ["No composerd answers", "Start `composerd`, or end this studio and run `composerd studio` again, which starts one."]
        : ["Play something", isSilent(link.snapshot) ? "With the keys A S D F G H J, or on the piano below. This machine has no sound device: hear the band afterwards, under Takes." : link.snapshot?.keyboard ? `${link.snapshot.keyboard} is there. Your first key starts the band.` : "With the keys A S D F G H J of this computer, on the piano below, or on a MIDI keyboard. Your first key starts the band."];
    this.invite.replaceChildren(el("b", {}, head ?? ""), el("span", {}, ...coded(text ?? "")));
  }

  /** @param {number} keys semitones */
  transpose(keys) {
    if (keys === this.keys) return;
    this.keys = keys;
    this.mine.clear();
    this.piano.light(this.mine);
  }

  /** @param {import("./link.js").NoteNews[]} notes */
  addNotes(notes) {
    this.score.add(notes);
    let changed = false;
    for (const [, part, pitch, velocity] of notes) {
      if (part === null) {
        changed = true;
        const key = pitch - this.keys;
        if (velocity) { this.mine.add(key); this.piano.heard(key); } else this.mine.delete(key);
      } else if (velocity) this.mixer.strike(part, velocity);
    }
    if (changed) this.piano.light(this.mine);
    if (!this.invite.hidden) this.showInvite();
    this.wake();
  }

  /** Start drawing, because there is news; drawing goes on until it has left the picture. */
  wake() {
    this.newest = performance.now();
    if (!this.frame && !document.hidden) this.frame = requestAnimationFrame((at) => this.draw(at));
  }

  /** @param {number} at */
  draw(at) {
    this.frame = 0;
    const link = this.link, second = link.second, playing = this.isPlaying(link.snapshot);
    const seconds = Math.min(0.1, (at - this.last) / 1000);
    this.last = at;
    this.count(at);
    this.score.forget(second);
    const beats = link.outlook?.beat != null && link.outlook.bpm > 0 && playing;
    const shown = this.still.matches && beats && link.outlook ? lastBeat({ at: link.outlook.at, beat: link.outlook.beat ?? 0, bpm: link.outlook.bpm }, second) : second;
    if (this.element.isConnected) this.roll.draw(shown, link.outlook);
    this.mixer.fall(seconds);
    this.now.beat(second, playing ? link.outlook : null);
    const more = playing || performance.now() - this.newest < REST * 1000;
    if (more && !document.hidden && this.element.isConnected) this.frame = requestAnimationFrame((next) => this.draw(next));
  }

  /** @param {number} at */
  count(at) {
    this.frames.count++;
    if (at - this.frames.from < 1000) return;
    this.frames.rate = this.frames.count * 1000 / (at - this.frames.from);
    this.frames.from = at;
    this.frames.count = 0;
    this.canvas.dataset.frames = this.frames.rate.toFixed(1);
    this.canvas.dataset.cost = this.roll.cost.toFixed(2);
  }

}

/** Whether the band's machine has no sound device. @param {Snapshot | null} snapshot */
const isSilent = (snapshot) => snapshot?.notes.some((note) => note.startsWith("no sound")) === true;

/** Set the two lines of a big button. @param {HTMLElement} button @param {string} name @param {string} under */
function label(button, name, under) {
  say(/** @type {HTMLElement} */ (button.firstElementChild), name);
  say(/** @type {HTMLElement} */ (button.lastElementChild), under);
}

/** @param {string} colour @param {string} name */
function swatch(colour, name) {
  const square = el("i", { class: "swatch" });
  square.style.background = `var(${colour})`;
  return el("span", {}, square, title(name));
}
