// @ts-check
/** The card of the band's controls in the live view: genre, variation, song and set list, and a control for each command. */

import { carryOut, controlFor, title } from "./controls.js";
import { el, press, say } from "./dom.js";
import { Loops } from "./loops.js";

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

export class Band {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    /** @type {Control[]} */
    this.controls = [];
    this.genres = el("select", { id: "genre", onchange: () => carryOut(this.link, "genre", { name: this.genres.value }) });
    this.variation = el("div", { class: "segmented", role: "group", "aria-label": "How full the band plays" });
    this.sound = el("div", { class: "controls" });
    this.more = el("div", { class: "grid2" });
    this.song = el("div", { class: "grid2", hidden: true, role: "group", "aria-label": "Song" }, ...commandButtons(link, SONG));
    this.setPlace = el("p", { class: "hint" });
    this.set = el("div", { class: "controls", hidden: true, role: "group", "aria-label": "Set list" }, this.setPlace, el("div", { class: "grid2" }, ...commandButtons(link, SET)));
    this.element = el("section", { class: "card controls", "aria-label": "Band" }, el("h2", {}, "Band"),
      el("div", { class: "field" }, el("label", { for: "genre" }, "Genre"), this.genres),
      el("div", { class: "field" }, el("span", { class: "label" }, "How full the band plays"), this.variation),
      this.set, this.song, this.sound, el("details", {}, el("summary", {}, "More"), this.more));
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
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    this.song.hidden = !snapshot.song;
    this.set.hidden = !snapshot.set_list;
    say(this.setPlace, String(snapshot.set_list ?? ""));
    if (this.genres.value !== snapshot.genre && document.activeElement !== this.genres) this.genres.value = snapshot.genre;
    for (const button of this.variation.children) press(/** @type {HTMLElement} */ (button), /** @type {HTMLElement} */ (button).dataset.name === variationOf(snapshot));
    for (const control of this.controls) control.show(snapshot);
  }
}

/** Name of the variation, the first word of its text. @param {Snapshot} snapshot */
export const variationOf = (snapshot) => snapshot.variation.split(" ")[0];

/** @param {Link} link @param {Record<string, string>} words command -> what stands on its button */
const commandButtons = (link, words) => Object.entries(words).map(([word, name]) => el("button", { onclick: () => carryOut(link, word) }, name));
