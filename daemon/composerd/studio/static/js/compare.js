// @ts-check
/** Shows accompaniments side by side, each with a picture, to play and download. */

import { el, toast } from "./dom.js";
import { drawStill } from "./roll.js";
import { title } from "./controls.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {{again: string, genre: string, mode: string, seconds: number, bars: number[], tracks: string[], notes: [number, number, number, number, number][]}} Accompaniment
 */

export class Comparison {
  /** @param {Link} link @param {string} of take, or key of an uploaded file
   * @param {{value: string, text: string}[]} genres @param {(genre: string, mode: string) => Promise<Accompaniment>} make */
  constructor(link, of, genres, make) {
    this.link = link;
    this.of = of;
    this.make = make;
    /** @type {string[]} */
    this.urls = [];
    this.cards = el("div", { class: "compare" });
    this.hint = el("p", { class: "hint", hidden: true }, "The studio keeps the newest 40 files that it made, until it ends. Download what you want to keep.");
    const genre = el("select", { "aria-label": "Genre of the other band" }, ...genres.map((one) => el("option", { value: one.value }, one.text)));
    const mode = el("select", { "aria-label": "How it accompanies" }, el("option", { value: "jam" }, "jam: while it plays"), el("option", { value: "phrase" }, "phrase: as one piece"));
    const one = el("button", { onclick: () => this.busy([one, all], () => this.add(genre.value, mode.value)) }, "Accompany");
    const all = el("button", { onclick: () => this.busy([one, all], async () => { for (const option of genre.options) await this.add(option.value, mode.value); }) }, "In all genres");
    this.element = el("div", { class: "controls" }, el("div", { class: "row" }, genre, mode, one, all),
      this.hint, this.cards);
    this.before();
  }

  /** @param {HTMLButtonElement[]} buttons @param {() => Promise<void>} work */
  async busy(buttons, work) {
    for (const button of buttons) button.disabled = true;
    await work();
    for (const button of buttons) button.disabled = false;
  }

  /** Show the accompaniments made earlier, also by another page. */
  async before() {
    try {
      for (const found of /** @type {Accompaniment[]} */ (await this.link.ask("accompaniments", { of: this.of }))) this.show(this.card(found.genre, found.mode), found);
    } catch { /* there is none, or the studio does not answer: what is made now is shown all the same */ }
  }

  /** @param {string} genre @param {string} mode */
  async add(genre, mode) {
    const card = this.card(genre, mode);
    try { this.show(card, await this.make(genre, mode)); }
    catch (error) { card.state.textContent = String(/** @type {Error} */ (error).message); }
  }

  /** Add a card for an accompaniment; it replaces the one of the same genre and mode. @param {string} genre @param {string} mode */
  card(genre, mode) {
    const name = `${genre}, ${mode}`, state = el("p", {}, "The band is playing it …");
    const box = el("section", { class: "card controls", "aria-label": name }, el("h2", { class: "plain" }, `${title(genre)}, ${mode}`), state);
    for (const old of [...this.cards.children]) if (old.getAttribute("aria-label") === name) old.remove();
    this.cards.prepend(box);
    this.hint.hidden = false;
    return { name, state };
  }

  /** @param {{name: string, state: HTMLElement}} card @param {Accompaniment} found */
  show({ name, state }, found) {
    const canvas = el("canvas", { role: "img", "aria-label": `Piano roll, ${name}` });
    state.replaceWith(el("div", { class: "look" }, canvas), this.sound(found, name));
    drawStill(canvas, found.notes, { seconds: found.seconds, bars: found.bars, tracks: found.tracks });
  }

  /** @param {Accompaniment} found @param {string} name */
  sound(found, name) {
    const audio = el("audio", { controls: true, preload: "none", "aria-label": `Sound of ${name}` });
    const hear = el("button", { class: "small", onclick: () => this.busy([hear], async () => {
      const file = await this.file(found, "wav");
      if (file === null) return;
      audio.src = this.url(file.blob);
      hear.replaceWith(audio);
      await audio.play().catch(() => undefined);
    }) }, "Listen");
    const keep = el("button", { class: "small", onclick: () => this.busy([keep], async () => {
      const file = await this.file(found, "mid");
      if (file !== null) save(this.url(file.blob), file.name);
    }) }, "MIDI");
    return el("div", { class: "row" }, hear, keep);
  }

  /** @param {Accompaniment} found @param {string} kind @returns {Promise<{name: string, blob: Blob} | null>} */
  async file(found, kind) {
    try { return await this.link.ask("accompaniment_file", { again: found.again, kind }); }
    catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); return null; }
  }

  /** @param {Blob} blob */
  url(blob) {
    const url = URL.createObjectURL(blob);
    this.urls.push(url);
    return url;
  }

  stop() { for (const url of this.urls) URL.revokeObjectURL(url); }
}

/** Have the browser save the content of a URL. @param {string} url @param {string} name */
export function save(url, name) {
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}
