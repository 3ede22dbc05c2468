// @ts-check
/** The on-screen piano: touch, mouse and the computer's keys play the player's part. */

import { el, icon, press, say, toast } from "./dom.js";
import { Median } from "./clock.js";
import { HIGHER, LOUDER, LOWER, PEDAL, SOFTER, labelOf, layout, pitchOf, velocityAt } from "./keys.js";
import { chordTones, pitchName } from "./music.js";
import { startMidi } from "./midi.js";

/** @typedef {import("./link.js").Link} Link */

const LOWEST = 24, HIGHEST = 84;

export class Piano {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.base = 60;
    this.velocity = 84;
    this.width = 0;
    this.chord = "";
    /** Whether the computer's key holds the pedal down. */
    this.pedalKey = false;
    /** @type {Set<number>} */
    this.lit = new Set();
    /** @type {Map<string, number>} what holds a key down -> its pitch */
    this.held = new Map();
    /** @type {Map<number, HTMLButtonElement>} */
    this.buttons = new Map();
    /** @type {Map<number, number>} pitch -> moment it was pressed here, in milliseconds */
    this.pressed = new Map();
    this.latency = new Median(15);
    this.keyboard = el("div", { class: "keys", role: "group", "aria-label": "Piano. Arrow keys move, space plays." });
    this.figure = el("output", { "aria-label": "latency" }, "– ms");
    this.latencyLine = el("span", { class: "pill", title: "time from a key press here until composerd has played the note and reported it to this page" }, el("span", { class: "only-wide" }, "latency"), this.figure);
    this.octave = el("output", {}, "C4");
    this.pedalButton = el("button", { class: "small", "aria-pressed": "false", onclick: () => this.pedal(this.pedalButton.getAttribute("aria-pressed") !== "true") }, "Pedal");
    this.midiButton = el("button", { class: "small webmidi", hidden: true, onclick: () => this.askMidi() }, "Web MIDI");
    this.element = el("section", { class: "card piano", "aria-label": "On-screen piano" },
      el("div", { class: "row spread" },
        el("div", { class: "row" },
          el("h2", {}, "Piano"),
          el("div", { class: "row", role: "group", "aria-label": "Octave" },
            this.step("Lower octave", "M15 6l-6 6 6 6", -12), this.octave, this.step("Higher octave", "M9 6l6 6-6 6", 12)),
          this.pedalButton, this.midiButton),
        el("div", { class: "row" },
          el("span", { class: "pill only-wide" }, "A S D F … W E T Y U · Z X octave · C V loudness"),
          this.latencyLine)),
      this.keyboard);
    this.listen();
    new ResizeObserver(() => this.build()).observe(this.keyboard);
    if ("requestMIDIAccess" in navigator && window.isSecureContext) this.midiButton.hidden = false;
  }

  /** @param {string} name @param {string} path @param {number} by */
  step(name, path, by) { return el("button", { class: "small iconic", "aria-label": name, onclick: () => this.shift(by) }, icon(path)); }

  /** @param {number} by */
  shift(by) {
    const base = Math.min(HIGHEST, Math.max(LOWEST, this.base + by));
    if (base === this.base) return;
    this.releaseAll();
    this.base = base;
    say(this.octave, pitchName(base));
    this.width = 0;
    this.build();
  }

  build() {
    const width = this.keyboard.clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    const whites = width < 420 ? 10 : width < 700 ? 14 : width < 1000 ? 22 : 29;
    const first = whites > 14 ? this.base - 12 : this.base;
    this.keyboard.replaceChildren();
    this.buttons.clear();
    for (const key of layout(first, whites)) {
      const button = el("button", { type: "button", class: key.black ? "black" : "white", tabindex: key.pitch === this.base ? 0 : -1, "data-pitch": key.pitch, "aria-label": pitchName(key.pitch) }, el("i"));
      if (key.black) { button.style.left = `${100 * key.left}%`; button.style.width = `${100 * key.width}%`; }
      const label = matchMedia("(pointer: coarse)").matches ? (key.pitch % 12 ? "" : pitchName(key.pitch)) : labelOf(key.pitch, this.base);
      if (label) button.append(el("span", { "aria-hidden": "true" }, label));
      this.buttons.set(key.pitch, button);
      this.keyboard.append(button);
    }
    this.light(this.lit);
    this.tones(this.chord);
  }

  listen() {
    const keys = this.keyboard;
    keys.addEventListener("pointerdown", (event) => { if (this.at(event)) { event.preventDefault(); this.touch(event); } });
    keys.addEventListener("contextmenu", (event) => event.preventDefault());
    window.addEventListener("pointermove", (event) => { if (this.held.has(`p${event.pointerId}`) && event.buttons) this.touch(event); });
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, (event) => this.release(`p${/** @type {PointerEvent} */ (event).pointerId}`));
    keys.addEventListener("keydown", (event) => this.walk(event));
    keys.addEventListener("keyup", (event) => { if (event.code === "Space" || event.code === "Enter") this.release("focus"); });
    window.addEventListener("keydown", (event) => this.keyDown(event));
    window.addEventListener("keyup", (event) => { this.release(event.code); if (event.code === PEDAL) this.pedalUp(); });
    window.addEventListener("blur", () => this.leave());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.leave(); });
  }

  /** The key under a pointer. @param {PointerEvent} event @returns {HTMLButtonElement | null} */
  at(event) {
    const found = document.elementFromPoint(event.clientX, event.clientY)?.closest("button[data-pitch]");
    return found instanceof HTMLButtonElement && this.keyboard.contains(found) ? found : null;
  }

  /** @param {PointerEvent} event */
  touch(event) {
    const button = this.at(event), name = `p${event.pointerId}`;
    const pitch = button ? Number(button.dataset.pitch) : null;
    if (pitch === this.held.get(name)) return;
    this.release(name);
    if (button === null || pitch === null) { this.held.set(name, -1); return; }
    const box = button.getBoundingClientRect();
    this.play(name, pitch, velocityAt((event.clientY - box.top) / box.height));
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const pitches = [...this.buttons.keys()].sort((a, b) => a - b);
    const here = document.activeElement instanceof HTMLElement ? Number(document.activeElement.dataset.pitch) : NaN;
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
    if (by) {
      const next = this.buttons.get(pitches[pitches.indexOf(here) + by] ?? here);
      next?.focus();
      event.preventDefault();
    } else if ((event.code === "Space" || event.code === "Enter") && !event.repeat && !Number.isNaN(here)) {
      event.preventDefault();
      this.play("focus", here, this.velocity);
    }
  }

  /** @param {KeyboardEvent} event */
  keyDown(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || !this.element.isConnected || isWriting(event.target)) return;
    const pitch = pitchOf(event.code, this.base);
    if (pitch !== null) { event.preventDefault(); this.play(event.code, pitch, this.velocity); }
    else if (event.code === LOWER) this.shift(-12);
    else if (event.code === HIGHER) this.shift(12);
    else if (event.code === SOFTER) this.velocity = Math.max(20, this.velocity - 12);
    else if (event.code === LOUDER) this.velocity = Math.min(120, this.velocity + 12);
    else if (event.code === PEDAL) { this.pedalKey = true; this.pedal(true); }
  }

  /** @param {string} name what plays it @param {number} pitch @param {number} velocity */
  play(name, pitch, velocity) {
    this.release(name);
    this.held.set(name, pitch);
    this.pressed.set(pitch, performance.now());
    this.send(pitch, velocity);
    this.buttons.get(pitch)?.classList.add("held");
  }

  /** @param {string} name */
  release(name) {
    const pitch = this.held.get(name);
    if (pitch === undefined) return;
    this.held.delete(name);
    if (pitch < 0 || [...this.held.values()].includes(pitch)) return;
    this.send(pitch, 0);
    if (!this.lit.has(pitch)) this.buttons.get(pitch)?.classList.remove("held");
  }

  /** Keys that are let go elsewhere are not heard of: nothing may sound on. */
  leave() {
    this.releaseAll();
    if (this.pedalKey) this.pedalUp();
  }

  pedalUp() {
    this.pedalKey = false;
    this.pedal(false);
  }

  releaseAll() { for (const name of [...this.held.keys()]) this.release(name); }

  /** @param {number} pitch @param {number} velocity */
  send(pitch, velocity) {
    this.link.do("note", { pitch, velocity }).catch((error) => { if (velocity) toast(String(error.message), { bad: true }); });
  }

  /** @param {boolean} down */
  pedal(down) {
    if (this.pedalButton.getAttribute("aria-pressed") === String(down)) return;
    press(this.pedalButton, down);
    this.link.do("pedal", { down }).catch(() => undefined);
  }

  /** Light the keys that the player sounds, wherever they are played. @param {Set<number>} pitches */
  light(pitches) {
    this.lit = pitches;
    for (const [pitch, button] of this.buttons) button.classList.toggle("held", pitches.has(pitch) || [...this.held.values()].includes(pitch));
  }

  /** Show dots on the tones of the sounding chord. @param {string} chord */
  tones(chord) {
    this.chord = chord;
    const tones = chordTones(chord);
    for (const [pitch, button] of this.buttons) button.classList.toggle("tone", tones.includes(pitch % 12));
  }

  /** Show the latency of a note of the player's that has been reported back. @param {number} pitch */
  heard(pitch) {
    const at = this.pressed.get(pitch);
    if (at === undefined) return;
    this.pressed.delete(pitch);
    this.latency.add(performance.now() - at);
    say(this.figure, `${(this.latency.value ?? 0).toFixed(0)} ms`);
  }

  async askMidi() {
    try {
      const names = await startMidi((pitch, velocity) => {
        const name = `m${pitch}`;
        if (velocity) this.play(name, pitch, velocity); else this.release(name);
      }, (down) => this.pedal(down));
      this.midiButton.hidden = names.length > 0;
      toast(names.length ? `Playing from ${names.join(", ")}` : "The browser sees no MIDI keyboard: plug one in and try again");
    } catch {
      toast("The browser does not allow MIDI here", { bad: true });
    }
  }
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  return target instanceof HTMLElement && (target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) ||
    target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type));
}
