// @ts-check
/** The live view: the notes of player and band, the plan, and all controls. */

import { beatAt, lastBeat } from "./clock.js";
import { carryOut, controlFor, title } from "./controls.js";
import { coded, el, press, say, toast } from "./dom.js";
import { Loops } from "./loops.js";
import { Mixer } from "./mixer.js";
import { Piano } from "./piano.js";
import { Roll } from "./roll.js";
import { Score, chordNow } from "./score.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./link.js").Snapshot} Snapshot
 * @typedef {import("./controls.js").Command} Command
 * @typedef {import("./controls.js").Control} Control
 */

/** Commands with a place of their own on the page; all others are under More. */
const STAGE = ["start", "end", "fill", "break", "variation", "tap", "panic", "save"];
const SONG = /** @type {Record<string, string>} */ ({ next_section: "Next section", stay: "Stay in this one", ending: "To the ending", top: "From the top" });
const SET = /** @type {Record<string, string>} */ ({ previous_song: "Previous song", next_song: "Next song" });
const PLACED = new Set([...STAGE, ...Object.keys(SONG), ...Object.keys(SET), "preset", "save_preset", "set_list", "entry", "song", "play", "stop", "genre", "genres", "next_genre", "previous_genre", "mute", "solo", "volume", "pan", "instrument", "chord_loop", "clear_loop", "band_volume", "master_volume", "auto_variation"]);
const FIRST = ["tempo", "mode", "metre", "creativity", "swing", "follow", "metronome", "left_hand", "key", "transpose_keys", "transpose_band", "half_time", "double_time"];
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
    /** @type {Control[]} */
    this.controls = [];
    /** @type {Set<number>} */
    this.mine = new Set();
    /** Semitones that the player's keys sound higher than they are. */
    this.keys = 0;
    this.newest = 0;
    this.frame = 0;
    this.last = 0;
    this.frames = { count: 0, from: 0, rate: 0 };
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.chord = el("span", { class: "chord" }, "–");
    this.next = el("span", { class: "next" });
    this.bar = el("span", { class: "bar" }, "–");
    this.lamps = el("div", { class: "lamps", "aria-hidden": "true" });
    this.tempo = el("b", {}, "–");
    this.key = el("b", {}, "–");
    this.state = el("b", {}, "–");
    this.place = el("b", {}, "");
    this.form = fact(this.place, "in the song");
    this.invite = el("div", { class: "invite" });
    this.legend = el("div", { class: "legend", "aria-hidden": "true" });
    this.genres = el("select", { id: "genre", onchange: () => carryOut(this.link, "genre", { name: this.genres.value }) });
    this.variation = el("div", { class: "segmented", role: "group", "aria-label": "How full the band plays" });
    this.sound = el("div", { class: "controls" });
    this.more = el("div", { class: "grid2" });
    this.song = el("div", { class: "grid2", hidden: true, role: "group", "aria-label": "Song" }, ...commandButtons(link, SONG));
    this.setPlace = el("p", { class: "hint" });
    this.set = el("div", { class: "controls", hidden: true, role: "group", "aria-label": "Set list" }, this.setPlace, el("div", { class: "grid2" }, ...commandButtons(link, SET)));
    this.startButton = this.big("Start", "and play", () => this.startOrEnd(), "main");
    this.fullButton = this.big("Fuller", "more notes", () => carryOut(this.link, "variation"));
    this.element = this.build();
    this.listen();
  }

  build() {
    const now = el("section", { class: "card now", "aria-label": "Now" },
      el("div", { class: "chords" }, el("span", { class: "unseen" }, "Chord now"), this.chord, el("span", { class: "unseen" }, "next"), this.next),
      el("div", { class: "where" }, el("span", { class: "unseen" }, "Bar and beat"), this.bar, this.lamps),
      el("div", { class: "facts" }, this.form, fact(this.state, "state"), fact(this.key, "key"), fact(this.tempo, "beats a minute")));
    const rollbox = el("section", { class: "card rollbox", "aria-label": "Roll" }, this.canvas, this.invite, this.legend);
    const band = el("section", { class: "card controls", "aria-label": "Band" }, el("h2", {}, "Band"),
      el("div", { class: "field" }, el("label", { for: "genre" }, "Genre"), this.genres),
      el("div", { class: "field" }, el("span", { class: "label" }, "How full the band plays"), this.variation),
      this.set, this.song, this.sound, el("details", {}, el("summary", {}, "More"), this.more));
    return el("div", { class: "live" }, el("h1", { class: "unseen" }, "Live"),
      el("div", { class: "stage" }, now, rollbox, this.stage(), this.piano.element), el("div", { class: "side" }, this.mixer.element, band));
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
    for (const one of [this.chord, this.state, this.key, this.tempo]) say(one, "–");
    say(this.next, "");
    this.legend.replaceChildren();
    label(this.startButton, "Start", "or just play");
  }

  /** Make the controls when the table of commands and the genres have arrived. @param {Command[]} commands @param {{name: string, title: string}[]} genres */
  furnish(commands, genres) {
    const known = new Map(commands.map((command) => [command.name, command]));
    const rest = commands.map((command) => command.name).filter((name) => !PLACED.has(name) && !FIRST.includes(name) && name !== "quit");
    rest.push("quit");
    this.controls = [];
    this.sound.replaceChildren();
    this.more.replaceChildren();
    const chosen = el("div", { class: "grid2" }), sliders = el("div", { class: "controls" }), switches = el("div", { class: "switches" }), buttons = el("div", { class: "grid2" });
    for (const [names, more] of /** @type {[string[], HTMLElement | null][]} */ ([[FIRST, null], [rest, this.more]]))
      for (const name of names) {
        const command = known.get(name), control = command && controlFor(this.link, command);
        if (!control) continue;
        this.controls.push(control);
        const kind = control.element.classList.contains("switch") ? switches : control.element.tagName === "BUTTON" ? buttons : control.element.querySelector("input[type=range]") ? sliders : chosen;
        if (name === "mode") control.element.classList.add("whole");
        (more ?? kind).append(control.element);
      }
    const full = known.get("variation")?.fields[0];
    this.variation.replaceChildren(...(full?.choices ?? []).map((name) => el("button", { "aria-pressed": "false", "data-name": name, onclick: () => carryOut(this.link, "variation", { name }) }, title(full?.words?.[name] ?? name))));
    const loop = known.get("chord_loop"), loops = loop && new Loops(this.link, loop.fields[0]?.choices ?? []);
    if (loops) this.controls.push(loops);
    this.sound.append(chosen, sliders, switches, buttons, ...loops ? [loops.element] : []);
    /** @type {HTMLElement} */ (this.more.parentElement).hidden = !this.more.children.length;
    this.genres.replaceChildren(...genres.map((genre) => el("option", { value: genre.name }, genre.title)));
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
    say(this.chord, chord || "–");
    say(this.next, snapshot.next_chord && snapshot.next_chord !== chord ? snapshot.next_chord : "");
    say(this.state, snapshot.state);
    say(this.place, String(snapshot.place ?? ""));
    this.form.hidden = !snapshot.place;
    this.song.hidden = !snapshot.song;
    this.set.hidden = !snapshot.set_list;
    say(this.setPlace, String(snapshot.set_list ?? ""));
    say(this.key, this.link.outlook?.key || "–");
    say(this.tempo, snapshot.bpm.toFixed(snapshot.bpm % 1 ? 1 : 0));
    if (this.genres.value !== snapshot.genre && document.activeElement !== this.genres) this.genres.value = snapshot.genre;
    const variation = snapshot.variation.split(" ")[0];
    for (const button of this.variation.children) press(/** @type {HTMLElement} */ (button), /** @type {HTMLElement} */ (button).dataset.name === variation);
    label(this.startButton, playing ? "End" : "Start", playing ? "at the bar line" : "or just play");
    label(this.fullButton, variation === "B" ? "Ordinary" : "Fuller", variation === "B" ? "fewer notes" : "more notes");
    for (const control of this.controls) control.show(snapshot);
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
    this.beat(second, playing);
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

  /** Show bar and beat, computed from the tempo line. @param {number} second @param {boolean} playing */
  beat(second, playing) {
    const outlook = this.link.outlook;
    if (!playing || !outlook || outlook.beat === null) {
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

/** @param {Link} link @param {Record<string, string>} words command -> what stands on its button */
const commandButtons = (link, words) => Object.entries(words).map(([word, name]) => el("button", { onclick: () => carryOut(link, word) }, name));

/** Whether the band's machine has no sound device. @param {Snapshot | null} snapshot */
const isSilent = (snapshot) => snapshot?.notes.some((note) => note.startsWith("no sound")) === true;

/** Set the two lines of a big button. @param {HTMLElement} button @param {string} name @param {string} under */
function label(button, name, under) {
  say(/** @type {HTMLElement} */ (button.firstElementChild), name);
  say(/** @type {HTMLElement} */ (button.lastElementChild), under);
}

/** @param {HTMLElement} value @param {string} name */
const fact = (value, name) => el("div", { class: "fact" }, value, el("span", {}, name));

/** @param {string} colour @param {string} name */
function swatch(colour, name) {
  const square = el("i", { class: "swatch" });
  square.style.background = `var(${colour})`;
  return el("span", {}, square, title(name));
}
