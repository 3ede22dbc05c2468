// @ts-check
/** One take on the page: its picture and sound, its parts, its title, its files, and other bands that accompany it. */

import { Comparison, save } from "./compare.js";
import { counted, title } from "./controls.js";
import { el, icon, press, toast } from "./dom.js";
import { minutes } from "./music.js";
import { drawStill } from "./roll.js";

/**
 * @typedef {import("./takes.js").Takes} Takes
 * @typedef {[number, number, number, number, number]} Drawn
 * @typedef {{name: string, title: string, kept: boolean, started: string, genre: string, bytes: number, roll: Drawn[], seconds?: number, bpm?: number, tracks?: string[]}} Take
 * @typedef {{seconds: number, bpm: number, metre: string, tracks: string[], notes: Drawn[], bars: number[]}} Picture
 */

/** What a take is called: its title, else when it was played. @param {Take} take */
export function nameOf(take) {
  const at = new Date(take.started);
  const year = at.getFullYear() === new Date().getFullYear() ? {} : { year: /** @type {const} */ ("numeric") };
  return take.title || at.toLocaleString([], { month: "short", day: "numeric", hour: "numeric", minute: "2-digit", ...year });
}

export class TakeView {
  /** @param {Takes} shelf @param {Take} take @param {Picture} picture */
  constructor(shelf, take, picture) {
    this.shelf = shelf;
    this.take = take;
    this.picture = picture;
    /** @type {Set<number>} */
    this.hidden = new Set();
    this.zoom = 1;
    this.from = 0;
    /** @type {string[]} */
    this.urls = [];
    this.frame = 0;
    this.canvas = el("canvas", { role: "img", "aria-label": `Piano roll of ${nameOf(take)}`, onclick: (/** @type {MouseEvent} */ event) => this.seek(event) });
    this.audio = el("audio", { controls: true, preload: "none", "aria-label": `Sound of ${nameOf(take)}` });
    this.audio.hidden = true;
    this.audio.addEventListener("play", () => this.run());
    this.audio.addEventListener("seeked", () => this.draw());
    this.listen = el("button", { class: "main", onclick: () => this.load() }, "Listen");
    this.scroll = el("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Position in the take", oninput: () => { this.from = Number(this.scroll.value) / 1000; this.draw(); } });
    this.comparison = new Comparison(shelf.link, take.name, [...shelf.genres.options], (genre, mode) => shelf.link.ask("accompany", { name: take.name, genre, mode }));
    this.elements = this.build();
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.canvas);
  }

  build() {
    const take = this.take, picture = this.picture;
    const name = el("input", { type: "text", value: take.title, placeholder: nameOf(take), maxlength: 120, "aria-label": "Title", onchange: () => this.shelf.change("rename_take", { name: take.name, title: name.value }) });
    name.style.flex = "1 1 180px";
    const keep = el("button", { "aria-pressed": String(take.kept), title: "When takes fill their space on the disk, the oldest are deleted without asking: this one is not", onclick: () => {
      const on = keep.getAttribute("aria-pressed") !== "true";
      press(keep, on);
      this.shelf.change("keep_take", { name: take.name, on });
    } }, "Keep when space runs out");
    const parts = picture.tracks.map((part, index) => this.part(part, index));
    const zoom = el("div", { class: "segmented", role: "group", "aria-label": "Zoom" }, ...[1, 2, 4, 8].map((by) => el("button", { "aria-pressed": String(by === 1), onclick: (/** @type {Event} */ event) => {
      this.zoom = by;
      for (const one of zoom.children) press(/** @type {HTMLElement} */ (one), one === event.currentTarget);
      this.draw();
    } }, `${by}×`)));
    const gap = el("div", {}, el("div", { class: "row spread" }, name, el("div", { class: "row" }, keep, el("button", { class: "warn", onclick: () => this.shelf.remove(take) }, "Delete"))));
    const look = el("div", { class: "look" }, this.canvas);
    for (const one of [gap, look]) one.style.marginBottom = "10px";
    const facts = el("p", { class: "row" }, ...[take.genre, minutes(picture.seconds), `${Math.round(picture.bpm)} bpm`, picture.metre, counted(picture.bars.length, "bar")].map((text) => el("span", { class: "pill" }, text)));
    const bottom = el("div", {}, facts, el("div", { class: "row" }, ...parts, zoom), this.scroll,
      el("div", { class: "row" }, this.listen, this.audio, ...["mid", "musicxml", "wav", "flac"].map((kind) => this.download(kind))),
      el("h2", {}, "With another band"), this.comparison.element);
    bottom.style.display = "grid";
    bottom.style.gap = "12px";
    return [gap, look, bottom];
  }

  /** @param {string} part @param {number} index */
  part(part, index) {
    const colour = el("i", { class: "swatch" });
    colour.style.background = index ? `var(--p${(index - 1) % 8})` : "var(--you)";
    const made = el("button", { class: "small chip", "aria-pressed": "true", "aria-label": `Show ${part}`, onclick: () => {
      if (this.hidden.has(index)) this.hidden.delete(index); else this.hidden.add(index);
      press(made, !this.hidden.has(index));
      this.draw();
    } }, colour, title(part));
    return made;
  }

  /** @param {string} kind */
  download(kind) {
    const names = /** @type {Record<string, string>} */ ({ mid: "MIDI", musicxml: "MusicXML", wav: "WAV", flac: "FLAC" });
    const made = el("button", { class: "small", "aria-label": `Download ${names[kind]}`, onclick: async () => {
      made.disabled = true;
      await this.save(kind);
      made.disabled = false;
    } }, icon("M12 4v11m0 0l-5-5m5 5l5-5M5 20h14"), names[kind]);
    made.classList.add("chip");
    const drawing = /** @type {SVGElement} */ (made.firstChild);
    drawing.setAttribute("width", "15");
    drawing.setAttribute("height", "15");
    drawing.setAttribute("fill", "none");
    drawing.setAttribute("stroke", "currentColor");
    drawing.setAttribute("stroke-width", "2");
    return made;
  }

  /** @param {string} kind */
  async save(kind) {
    try {
      const file = await this.shelf.link.ask("take_file", { name: this.take.name, kind });
      save(this.url(file.blob), file.name);
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {Blob} blob */
  url(blob) {
    const url = URL.createObjectURL(blob);
    this.urls.push(url);
    return url;
  }

  async load() {
    this.listen.disabled = true;
    this.listen.textContent = "Rendering …";
    try {
      const file = await this.shelf.link.ask("take_file", { name: this.take.name, kind: "wav" });
      this.audio.src = this.url(file.blob);
      this.audio.hidden = false;
      this.listen.hidden = true;
      await this.audio.play();
    } catch (error) {
      this.listen.disabled = false;
      this.listen.textContent = "Listen";
      toast(String(/** @type {Error} */ (error).message), { bad: true });
    }
  }

  /** @param {MouseEvent} event */
  seek(event) {
    if (this.audio.hidden) return;
    const { from, to } = this.span();
    this.audio.currentTime = from + (to - from) * event.offsetX / this.canvas.clientWidth;
    this.draw();
  }

  span() {
    const seconds = this.picture.seconds, wide = seconds / this.zoom;
    const playing = !this.audio.hidden && !this.audio.paused;
    const from = playing && this.zoom > 1 ? Math.max(0, Math.min(seconds - wide, this.audio.currentTime - wide * 0.3)) : this.from * (seconds - wide);
    return { from, to: from + wide };
  }

  draw() {
    const { from, to } = this.span();
    this.scroll.hidden = this.zoom === 1;
    drawStill(this.canvas, this.picture.notes, { seconds: this.picture.seconds, from, to, at: this.audio.hidden ? null : this.audio.currentTime, bars: this.picture.bars, tracks: this.picture.tracks, hidden: this.hidden, labels: true });
  }

  run() {
    cancelAnimationFrame(this.frame);
    this.draw();
    if (!this.audio.paused && this.canvas.isConnected) this.frame = requestAnimationFrame(() => this.run());
  }

  stop() {
    this.audio.pause();
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.comparison.stop();
    for (const url of this.urls) URL.revokeObjectURL(url);
  }
}
