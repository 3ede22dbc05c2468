// @ts-check
/** The card at the top of the live view: chord, bar and beat, place in the song, state, key and tempo. */

import { beatAt } from "./clock.js";
import { el, say } from "./dom.js";

/**
 * @typedef {import("./link.js").Snapshot} Snapshot
 * @typedef {import("./link.js").Outlook} Outlook
 */

export class Now {
  constructor() {
    this.chord = el("span", { class: "chord" }, "–");
    this.next = el("span", { class: "next" });
    this.bar = el("span", { class: "bar" }, "–");
    this.lamps = el("div", { class: "lamps", "aria-hidden": "true" });
    this.tempo = el("b", {}, "–");
    this.key = el("b", {}, "–");
    this.state = el("b", {}, "–");
    this.place = el("b", {}, "");
    this.form = fact(this.place, "in the song");
    this.element = el("section", { class: "card now", "aria-label": "Now" },
      el("div", { class: "chords" }, el("span", { class: "unseen" }, "Chord now"), this.chord, el("span", { class: "unseen" }, "next"), this.next),
      el("div", { class: "where" }, el("span", { class: "unseen" }, "Bar and beat"), this.bar, this.lamps),
      el("div", { class: "facts" }, this.form, fact(this.state, "state"), fact(this.key, "key"), fact(this.tempo, "beats a minute")));
  }

  /** Show that no band is connected. */
  clear() {
    for (const one of [this.chord, this.state, this.key, this.tempo]) say(one, "–");
    say(this.next, "");
  }

  /** @param {Snapshot} snapshot @param {string} chord the one that sounds, "" for none @param {string} key */
  show(snapshot, chord, key) {
    say(this.chord, chord || "–");
    say(this.next, snapshot.next_chord && snapshot.next_chord !== chord ? snapshot.next_chord : "");
    say(this.state, snapshot.state);
    say(this.place, String(snapshot.place ?? ""));
    this.form.hidden = !snapshot.place;
    say(this.key, key || "–");
    say(this.tempo, snapshot.bpm.toFixed(snapshot.bpm % 1 ? 1 : 0));
  }

  /** Show bar and beat, computed from the tempo line. @param {number} second @param {Outlook | null} outlook null at rest */
  beat(second, outlook) {
    if (!outlook || outlook.beat === null) {
      say(this.bar, "–");
      for (const lamp of this.lamps.children) lamp.classList.remove("on");
      return;
    }
    const within = beatAt({ at: outlook.at, beat: outlook.beat, bpm: outlook.bpm }, second) - outlook.bar_at;
    const bars = Math.floor(within / outlook.bar_beats), count = Math.max(1, Math.round(outlook.bar_beats / outlook.pulse_beats));
    const beat = Math.min(count - 1, Math.max(0, Math.floor((within - bars * outlook.bar_beats) / outlook.pulse_beats)));
    say(this.bar, `${Math.max(1, outlook.bar + bars)}.${beat + 1}`);
    while (this.lamps.children.length > count) this.lamps.lastElementChild?.remove();
    while (this.lamps.children.length < count) this.lamps.append(el("span", { class: this.lamps.children.length ? "lamp" : "lamp first" }));
    [...this.lamps.children].forEach((lamp, index) => lamp.classList.toggle("on", index === beat));
  }
}

/** @param {HTMLElement} value @param {string} name */
const fact = (value, name) => el("div", { class: "fact" }, value, el("span", {}, name));
