// @ts-check
/** Chord loops: the button of a slot records the chords that are played, loops them, and ends the loop. */

import { el, press, say } from "./dom.js";
import { carryOut } from "./controls.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./link.js").Snapshot} Snapshot
 */

export class Loops {
  /** @param {Link} link @param {string[]} slots */
  constructor(link, slots) {
    this.link = link;
    this.slots = slots.map((slot) => el("button", { class: "small", "aria-pressed": "false", "aria-label": `Chord loop ${slot}`, onclick: () => this.turn(slot) }, slot));
    this.clear = el("button", { class: "small", "aria-pressed": "false", title: "Then press the slot to clear", onclick: () => press(this.clear, this.clear.getAttribute("aria-pressed") !== "true") }, "Clear …");
    this.state = el("output", {});
    this.element = el("div", { class: "field loops", role: "group", "aria-label": "Chord loops", title: "Press a slot: your chords are recorded from the next bar line on. Again: they loop while you play what you like. Again: they end." },
      el("span", { class: "label" }, el("span", {}, "Chord loop"), this.state), el("div", { class: "slots" }, ...this.slots, this.clear));
  }

  /** @param {string} slot */
  turn(slot) {
    const clears = this.clear.getAttribute("aria-pressed") === "true";
    press(this.clear, false);
    carryOut(this.link, clears ? "clear_loop" : "chord_loop", { slot });
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    const current = String(snapshot.controls?.chord_loop ?? "off");
    say(this.state, current);
    for (const button of this.slots) press(button, current.endsWith(` ${button.textContent}`));
  }
}
