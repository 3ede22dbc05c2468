// @ts-check
/** The mixer: instrument, volume, pan, mute and solo of each part, volumes of band and master, and level meters. */

import { el, press } from "./dom.js";
import { carryOut, range, title } from "./controls.js";
import { KITS, families, instrument } from "./music.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./link.js").Snapshot} Snapshot
 * @typedef {import("./link.js").Genre} Genre
 * @typedef {{name: string, role: string, mute?: HTMLElement, solo?: HTMLElement, instrument?: HTMLSelectElement, own?: number, volume: ReturnType<typeof range>, pan?: ReturnType<typeof range>, meter?: HTMLElement, level: number}} Strip
 */

export class Mixer {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Strip[]} */
    this.strips = [];
    this.box = el("div", { class: "strips" });
    this.element = el("section", { class: "card", "aria-label": "Mixer" }, el("div", { class: "row spread" }, el("h2", {}, "Mixer"), el("span", { class: "hint" }, "volume, left to right")), this.box);
    this.box.style.marginTop = "10px";
  }

  /** @param {Genre} genre */
  build(genre) {
    this.clear();
    const parts = genre.parts.map((part, index) => this.strip(part, index));
    this.strips = [...parts, this.whole("band", "Band"), this.whole("master", "All")];
  }

  clear() { this.box.replaceChildren(); this.strips = []; }

  /** @param {string} name @param {string} text @returns {Strip} */
  whole(name, text) {
    const volume = range(`Volume of ${text.toLowerCase()}`, 0, 127, 1, (level) => carryOut(this.link, `${name}_volume`, { level }), { bare: true });
    this.box.append(el("div", { class: "strip whole" }, el("span", { class: "name" }, text), volume.element));
    return { name, role: "", volume, level: 0 };
  }

  /** @param {import("./link.js").Part} part @param {number} index @returns {Strip} */
  strip(part, index) {
    const { name, role, program } = part, instrument = this.instruments(name, program, role === "drums");
    const volume = range(`Volume of ${name}`, 0, 127, 1, (level) => carryOut(this.link, "volume", { part: name, level }), { bare: true, help: "Volume" });
    const pan = range(`Place of ${name}, left to right`, 0, 127, 1, (place) => carryOut(this.link, "pan", { part: name, place }), { bare: true, help: "Place, from left to right" });
    const mute = this.switch("mute", name, "M"), solo = this.switch("solo", name, "S");
    const colour = el("span", { class: "colour" }), meter = el("i");
    colour.style.background = meter.style.background = `var(--p${index % 8})`;
    const strip = el("div", { class: "strip" }, colour, el("div", { class: "name" }, el("span", {}, title(name)), instrument),
      el("div", {}, el("div", { class: "sliders" }, volume.element, pan.element), el("div", { class: "meter", "aria-hidden": "true" }, meter)), el("div", { class: "switches" }, mute, solo));
    this.box.append(strip);
    return { name, role, mute, solo, instrument, own: program, volume, pan, meter, level: 0 };
  }

  /** @param {string} part @param {number} own the genre's program @param {boolean} drums */
  instruments(part, own, drums) {
    const option = (/** @type {number} */ program) => el("option", { value: program }, instrument(program, drums));
    const kept = el("option", { value: "own" }, instrument(own, drums));
    const choices = drums ? Object.keys(KITS).map((program) => option(Number(program)))
      : families().map(([name, programs]) => el("optgroup", { label: title(name) }, ...programs.map(option)));
    const made = el("select", { "aria-label": `Instrument of ${part}`, onchange: () => carryOut(this.link, "instrument", { part, ...made.value === "own" ? {} : { program: Number(made.value) } }) },
      el("optgroup", { label: "As the genre has it" }, kept), ...choices);
    return made;
  }

  /** @param {string} word @param {string} part @param {string} letter */
  switch(word, part, letter) {
    const made = el("button", { class: word, "aria-pressed": "false", "aria-label": `${title(word)} ${part}`, title: title(word), onclick: () => {
      const on = made.getAttribute("aria-pressed") !== "true";
      press(made, on);
      carryOut(this.link, word, { part, on });
    } }, letter);
    return made;
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    for (const strip of this.strips) {
      const current = snapshot.controls ?? {};
      if (strip.mute) press(strip.mute, current.mute?.[strip.name] === true);
      if (strip.solo) press(strip.solo, current.solo?.[strip.name] === true);
      strip.volume.show(strip.mute ? current.volume?.[strip.name] : current[`${strip.name}_volume`]);
      strip.pan?.show(current.pan?.[strip.name]);
      const program = current.instrument?.[strip.name];
      if (strip.instrument && program !== undefined && document.activeElement !== strip.instrument) strip.instrument.value = program === strip.own ? "own" : String(program);
    }
  }

  /** The parts that are silent because of mutes or solos. @param {Snapshot} snapshot @returns {Set<number>} */
  silent(snapshot) {
    const mute = snapshot.controls?.mute ?? {}, solo = snapshot.controls?.solo ?? {};
    const parts = this.strips.filter((strip) => strip.mute), alone = parts.some((strip) => solo[strip.name]);
    return new Set(parts.flatMap((strip, index) => mute[strip.name] || alone && !solo[strip.name] ? [index] : []));
  }

  /** Raise a part's meter when it strikes a note. @param {number} part @param {number} velocity */
  strike(part, velocity) { const strip = this.strips[part]; if (strip) strip.level = Math.max(strip.level, velocity / 127); }

  /** Lower the meters. @param {number} seconds since the last call */
  fall(seconds) {
    for (const strip of this.strips) {
      if (!strip.meter || strip.level < 0.004 && !strip.meter.style.transform) continue;
      strip.level *= Math.exp(-3.2 * seconds);
      strip.meter.style.transform = strip.level < 0.004 ? "" : `scaleX(${strip.level.toFixed(3)})`;
    }
  }
}
