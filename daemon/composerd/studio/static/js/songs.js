// @ts-check
/** The songs view: charts, with the current bar lit, and uploads of charts and MIDI files. */

import { el, toast } from "./dom.js";
import { Comparison } from "./compare.js";
import { carryOut, counted, title } from "./controls.js";
import { minutes } from "./music.js";
import { drawStill } from "./roll.js";
import { Sets } from "./sets.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {{beats: number, chords: [number, string][]}} Bar
 * @typedef {{title: string, composer: string, style: string, genre: string, key: string, bpm: number | null, metre: string, bars: number}} Facts
 * @typedef {Facts & {name: string, problem?: string}} Row
 * @typedef {Facts & {sections: {name: string, bars: Bar[]}[], text: string}} Song
 */

/** `Bb7` as it is printed. @param {string} chord */
const spelled = (chord) => chord.replace(/([A-G])b/g, "$1♭").replaceAll("#", "♯");

const PIECE = 30000;
const EXAMPLE = "title: Three chords\ngenre: pop\nkey: C\n\n[A]\nC | F | C | G |\nC | F | G | C |\n";

export class Songs {
  /** @param {Link} link @param {HTMLSelectElement} genres whose options are the genres to compare with */
  constructor(link, genres) {
    this.link = link;
    this.genres = genres;
    /** @type {Row[]} */
    this.songs = [];
    this.chosen = "";
    this.transpose = 0;
    /** Counts what was opened, so that an answer that arrives after something else was opened is not shown. */
    this.turn = 0;
    /** Unsaved texts of charts, by the song's name; "" is the new song. @type {Map<string, string>} */
    this.drafts = new Map();
    /** @type {Comparison | null} */
    this.comparison = null;
    this.list = el("ul", { class: "list" });
    this.place = el("section", { class: "card controls", "aria-label": "Chart" }, el("p", { class: "empty" }, "A song is a chart of chords that the band plays by. Choose one, write a new one, or upload a file. A MIDI file can be accompanied by any band."));
    const file = el("input", { type: "file", accept: ".chart,.txt,.cho,.chordpro,.chopro,.crd,.pro,.ireal,.irealb,.html,.htm,.musicxml,.xml,.mxl,.cld,.mid,.midi,.kar", hidden: true, "aria-label": "Chart or MIDI file", onchange: () => { const [one] = file.files ?? []; file.value = ""; if (one) this.bring(one); } });
    const bar = el("div", { class: "row" }, el("button", { class: "main", onclick: () => this.edit("", EXAMPLE) }, "New"), el("button", { onclick: () => file.click() }, "Upload a file"), file);
    bar.style.margin = "10px 0";
    this.files = el("div", { class: "controls", hidden: true });
    this.files.style.marginTop = "20px";
    this.sets = new Sets(link, this.place);
    this.element = el("div", { class: "shelf" }, el("section", { "aria-label": "Songs" }, el("h1", {}, "Songs"), bar, this.list, this.files, this.sets.element), this.place);
    link.addEventListener("snapshot", () => { if (this.element.isConnected) { this.light(); this.sets.light(); } });
  }

  async enter() {
    try {
      this.songs = await this.link.ask("songs");
      this.show();
      this.showFiles(await this.link.ask("midi_files"));
      await this.sets.enter();
      const playing = this.songs.find((song) => song.title === this.link.snapshot?.song);
      if (playing && this.turn === 0) await this.choose(playing.name);
    } catch (error) { if (!this.songs.length) this.list.replaceChildren(el("li", { class: "empty card" }, String(/** @type {Error} */ (error).message))); }
  }

  show() {
    if (!this.songs.length) { this.list.replaceChildren(el("li", { class: "empty card" }, "No songs yet. Write one, or upload a chart: text, ChordPro, iReal Pro or MusicXML.")); return; }
    this.list.replaceChildren(...this.songs.map((song) => el("li", {}, el("button", { class: "take song", "aria-current": song.name === this.chosen ? "true" : false, onclick: () => this.choose(song.name) },
      el("span", {}, el("b", {}, song.title), el("small", {}, song.problem ?? [spelled(song.key ?? ""), song.metre, counted(song.bars, "bar"), song.genre].filter(Boolean).join(" · ")))))));
  }

  /** MIDI files that were uploaded to be accompanied. @param {{file: string, name: string}[]} files */
  showFiles(files) {
    const look = (/** @type {string} */ file) => async () => {
      if (this.comparison?.of === file && this.comparison.element.isConnected) return;
      try {
        const found = await this.latest(this.link.ask("midi_file", { file }));
        if (found) this.accompany(found);
      } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
    };
    this.files.hidden = !files.length;
    this.files.replaceChildren(el("h2", {}, "MIDI files"), el("ul", { class: "list" }, ...files.map(({ file, name }) => el("li", {}, el("button", { class: "take song midi-file", onclick: look(file) }, el("b", {}, name))))));
  }

  /** An answer, or null if something else was opened before it came. @template Answer @param {Promise<Answer>} answer */
  async latest(answer) {
    const turn = ++this.turn, found = await answer;
    return turn === this.turn ? found : null;
  }

  /** @param {string} name @param {number} [transpose] */
  async choose(name, transpose = 0) {
    try {
      const song = /** @type {Song | null} */ (await this.latest(this.link.ask("song", { name, transpose })));
      if (!song) return;
      this.chosen = name;
      this.transpose = transpose;
      this.show();
      this.draw(name, song);
      if (matchMedia("(max-width: 720px)").matches) this.place.scrollIntoView({ block: "start" });
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {string} name @param {Song} song */
  draw(name, song) {
    this.comparison?.stop();
    const playing = el("button", { class: "main", onclick: () => carryOut(this.link, "song", { name }).then(() => { location.hash = "live"; }) }, "Play this song");
    const none = el("button", { class: "leave", hidden: true, onclick: () => carryOut(this.link, "song", { name: "none" }) }, "Leave the song");
    const moved = el("output", {}, this.transpose > 0 ? `+${this.transpose}` : String(this.transpose));
    const by = (/** @type {number} */ step) => el("button", { class: "small", "aria-label": step > 0 ? "A semitone higher" : "A semitone lower", onclick: () => this.choose(name, Math.max(-11, Math.min(11, this.transpose + step))) }, step > 0 ? "+" : "−");
    const keep = el("button", { class: "small", hidden: this.transpose === 0, onclick: () => this.save(name, song.text) }, "Save in this key");
    this.place.replaceChildren(
      el("div", { class: "row spread" }, el("h2", { class: "plain" }, song.title), el("div", { class: "row" }, playing, none)),
      el("p", { class: "row" }, ...[song.composer, song.style, spelled(song.key), song.metre, song.bpm && `${song.bpm} bpm`, song.genre].filter(Boolean).map((text) => el("span", { class: "pill" }, String(text)))),
      this.chart(song),
      el("div", { class: "row" }, el("span", {}, "Transpose"), by(-1), moved, by(1), keep, el("button", { class: "small", onclick: () => this.edit(name, song.text) }, "Edit"), el("button", { class: "small warn", onclick: () => this.remove(name) }, "Delete")));
    this.light();
  }

  /** @param {Song} song */
  chart(song) {
    let number = 0;
    return el("div", { class: "chart" }, ...song.sections.map((section) => el("section", { "aria-label": section.name || "Section" }, el("h3", {}, section.name),
      el("ol", { class: "bars" }, ...section.bars.map((bar) => {
        number++;
        return el("li", { "data-bar": number, "data-section": section.name }, ...bar.chords.map(([, chord]) => el("span", {}, spelled(chord))));
      })))));
  }

  /** Light the current bar if the shown song is the one that is played. */
  light() {
    const snapshot = this.link.snapshot, song = this.songs.find((one) => one.name === this.chosen);
    const now = snapshot?.song && song?.title === snapshot.song ? /^(?<section>.*?), .*bar (?<bar>\d+) of/.exec(String(snapshot.place ?? ""))?.groups : undefined;
    const leave = this.place.querySelector("button.leave");
    if (leave instanceof HTMLElement) leave.hidden = !snapshot?.song;
    let within = 0, before = "";
    for (const bar of this.place.querySelectorAll("[data-bar]")) {
      const section = /** @type {HTMLElement} */ (bar).dataset.section ?? "";
      within = section === before ? within + 1 : 1;
      before = section;
      bar.classList.toggle("lit", now !== undefined && section === now.section && within === Number(now.bar));
    }
  }

  /** Show a chart as text; unsaved changes are kept until it is opened again.
   * @param {string} name "" for a new one @param {string} text */
  edit(name, text) {
    this.turn++;
    const area = el("textarea", { rows: 14, "aria-label": "Chart as text", spellcheck: false, maxlength: 40000 });
    area.value = this.drafts.get(name) ?? text;
    const discard = el("button", { hidden: !this.drafts.has(name), onclick: () => { this.drafts.delete(name); this.edit(name, text); } }, "Discard changes");
    const found = el("div", {});
    const look = async () => {
      try { found.replaceChildren(this.chart(await this.link.ask("read_song", { text: area.value }))); }
      catch (error) { found.replaceChildren(el("p", { class: "wrong" }, String(/** @type {Error} */ (error).message))); }
    };
    let timer = 0;
    area.addEventListener("input", () => {
      this.drafts.set(name, area.value);
      discard.hidden = false;
      window.clearTimeout(timer);
      timer = window.setTimeout(look, 350);
    });
    this.place.replaceChildren(el("div", { class: "row spread" }, el("h2", { class: "plain" }, name ? "Edit" : "A new song"), el("div", { class: "row" }, discard, el("button", { class: "main", onclick: () => this.save(name, area.value) }, "Save"))), area, found);
    look();
  }

  /** @param {string} name @param {string} text */
  async save(name, text) {
    try {
      const found = await this.link.ask("save_song", { name, text });
      if (this.drafts.get(name) === text) this.drafts.delete(name);
      await this.enter();
      this.choose(found.name);
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {string} name */
  async remove(name) {
    try {
      await this.link.ask("remove_song", { name });
      this.drafts.delete(name);
      this.chosen = "";
      this.turn++;
      this.place.replaceChildren(el("p", { class: "empty" }, "Choose a song."));
      await this.enter();
      toast("The song is deleted", { action: "Undo", run: () => this.restore(name) });
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {string} name of one that was deleted */
  async restore(name) {
    try {
      await this.link.ask("restore_song", { name });
      await this.enter();
      await this.choose(name);
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {File} file */
  async bring(file) {
    try {
      const upload = await this.send(file);
      if (!/\.(midi?|kar)$/i.test(file.name)) {
        const { names } = await this.link.ask("upload_song", { upload, name: file.name });
        await this.enter();
        this.choose(names[0]);
        return;
      }
      this.accompany(await this.link.ask("upload_midi", { upload, name: file.name.slice(0, 100) }));
      await this.enter();
    } catch (error) { toast(`${file.name}: ${/** @type {Error} */ (error).message}`, { bad: true }); }
  }

  /** @param {File} file @returns {Promise<number>} */
  async send(file) {
    if (file.size > 2e6) throw new Error("larger than 2 MB");
    const upload = await this.link.ask("upload"), bytes = new Uint8Array(await file.arrayBuffer());
    for (let at = 0; at < bytes.length; at += PIECE) {
      const data = btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
      await this.link.ask("upload_piece", { upload, data });
    }
    return upload;
  }

  /** Show an uploaded MIDI file, to choose its melody and accompany it. @param {any} found */
  accompany(found) {
    this.turn++;
    const { file, name } = found;
    this.comparison?.stop();
    const canvas = el("canvas", { role: "img", "aria-label": `Piano roll of ${name}` });
    const track = el("select", { "aria-label": "Track of the melody" }, el("option", { value: "0" }, "Melody: found automatically"), ...found.tracks.map((/** @type {string} */ one, /** @type {number} */ index) => el("option", { value: String(index + 1) }, `Melody: ${one}`)));
    this.comparison = new Comparison(this.link, file, [...this.genres.options], (genre, mode) => this.link.ask("accompany_file", { file, genre, mode, track: Number(track.value) }));
    this.place.replaceChildren(el("h2", { class: "plain" }, name), el("p", { class: "row" }, ...[minutes(found.seconds), `${Math.round(found.bpm)} bpm`, counted(found.tracks.length, "track")].map((text) => el("span", { class: "pill" }, text))),
      el("div", { class: "look" }, canvas), track, this.comparison.element);
    drawStill(canvas, found.notes, { seconds: found.seconds, bars: found.bars, tracks: found.tracks, labels: true });
  }
}
