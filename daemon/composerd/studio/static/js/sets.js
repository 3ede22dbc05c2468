// @ts-check
/** Set lists and presets: lists, edits and opens them. */

import { el, toast } from "./dom.js";
import { carryOut } from "./controls.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {{name: string, entries: string[], problem?: string}} SetList
 * @typedef {{sets: SetList[], presets: string[], entries: string[]}} Found
 */

/** Number of checks whether a preset has been written. */
const TRIES = 40;

export class Sets {
  /** @param {Link} link @param {HTMLElement} place where a set list is looked at */
  constructor(link, place) {
    this.link = link;
    this.place = place;
    /** @type {Found} */
    this.found = { sets: [], presets: [], entries: [] };
    this.sets = el("ul", { class: "list" });
    this.presets = el("ul", { class: "list" });
    this.name = el("input", { type: "text", maxlength: 60, placeholder: "Name", "aria-label": "Name of the preset" });
    this.element = el("div", { class: "controls" },
      el("div", { class: "row spread" }, el("h2", {}, "Set lists"), el("button", { class: "small", onclick: () => this.edit("", []) }, "New set list")), this.sets,
      el("h2", {}, "Presets"), this.presets,
      el("form", { class: "row", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.keep(); } }, this.name, el("button", { class: "small" }, "Save as a preset")));
    this.element.style.marginTop = "20px";
    this.name.style.flex = "1 1 140px";
  }

  async enter() {
    try {
      this.found = await this.link.ask("sets");
      this.show();
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  show() {
    const { sets, presets } = this.found;
    this.sets.replaceChildren(...sets.length ? sets.map((one) => el("li", {}, el("button", { class: "take song", onclick: () => this.look(one) }, el("span", {}, el("b", {}, one.name), el("small", {}, one.problem ?? one.entries.join(", ")))))) : [el("li", { class: "hint" }, "None yet: songs and presets in the order of an evening.")]);
    this.presets.replaceChildren(...presets.length ? presets.map((name) => el("li", { class: "row spread" }, el("b", {}, name), el("span", { class: "row" },
      el("button", { class: "small", "aria-label": `Use preset ${name}`, onclick: () => carryOut(this.link, "preset", { name }) }, "Use"),
      el("button", { class: "small warn", "aria-label": `Delete preset ${name}`, onclick: () => this.remove(name) }, "Delete")))) : [el("li", { class: "hint" }, "None yet. A preset is genre, tempo, key, mixer and song, saved under a name.")]);
  }

  async keep() {
    const name = this.name.value.trim();
    if (!named(this.name, "preset") || !await carryOut(this.link, "save_preset", { name })) return;
    this.name.value = "";
    for (let tries = 0; tries < TRIES && !this.found.presets.includes(name); tries++) {
      await new Promise((done) => window.setTimeout(done, 250));
      await this.enter();
    }
    if (this.found.presets.includes(name)) toast(`Preset ${name} is saved`);
    else toast(`Preset ${name} could not be written: composerd's log says why`, { bad: true });
  }

  /** Show a set list. @param {SetList} set */
  look(set) {
    const play = (/** @type {number} */ number) => () => carryOut(this.link, "entry", { number });
    this.place.replaceChildren(
      el("div", { class: "row spread" }, el("h2", { class: "plain" }, set.name), el("div", { class: "row" },
        el("button", { class: "main", onclick: () => carryOut(this.link, "set_list", { name: set.name }) }, "Open this set list"),
        el("button", { class: "leave-set", onclick: () => carryOut(this.link, "set_list", { name: "none" }) }, "Close it"))),
      el("ol", { class: "entries", "data-set": set.name }, ...set.entries.map((entry, index) => el("li", {}, el("button", { onclick: play(index + 1) }, entry)))),
      el("div", { class: "row" }, el("button", { class: "small", onclick: () => carryOut(this.link, "previous_song") }, "Previous song"), el("button", { class: "small", onclick: () => carryOut(this.link, "next_song") }, "Next song"),
        el("button", { class: "small", onclick: () => this.edit(set.name, set.entries) }, "Edit"), el("button", { class: "small warn", onclick: () => this.remove(set.name) }, "Delete")));
    this.light();
    if (matchMedia("(max-width: 720px)").matches) this.place.scrollIntoView({ block: "start" });
  }

  /** Light the current entry; entries can be played while their set list is open. */
  light() {
    const list = this.place.querySelector("[data-set]"), current = this.link.snapshot?.controls ?? {};
    if (!(list instanceof HTMLElement)) return;
    const open = current.set_list === list.dataset.set;
    for (const [index, entry] of [...list.children].entries()) {
      entry.classList.toggle("lit", open && current.entry === index + 1);
      /** @type {HTMLButtonElement} */ (entry.firstElementChild).disabled = !open;
    }
    for (const button of this.place.querySelectorAll("button.leave-set")) /** @type {HTMLElement} */ (button).hidden = !open;
  }

  /** @param {string} name nothing for a new one @param {string[]} entries */
  edit(name, entries) {
    const chosen = [...entries];
    const title = el("input", { type: "text", value: name, maxlength: 60, placeholder: "Name, such as Saturday", "aria-label": "Name of the set list" });
    const list = el("ol", { class: "entries" });
    const add = el("select", { "aria-label": "Song or preset to add" }, ...this.found.entries.map((entry) => el("option", { value: entry }, entry)));
    const show = () => list.replaceChildren(...chosen.map((entry, index) => el("li", {}, el("span", {}, entry),
      el("button", { class: "small", "aria-label": `${entry} earlier`, disabled: index === 0, onclick: () => { chosen.splice(index - 1, 2, entry, chosen[index - 1] ?? ""); show(); } }, "↑"),
      el("button", { class: "small", "aria-label": `${entry} out`, onclick: () => { chosen.splice(index, 1); show(); } }, "×"))));
    show();
    this.place.replaceChildren(el("h2", { class: "plain" }, name ? "Edit the set list" : "A new set list"), title, list,
      this.found.entries.length ? el("div", { class: "row" }, add, el("button", { onclick: () => { chosen.push(add.value); show(); } }, "Add")) : el("p", { class: "hint" }, "There are no songs or presets yet to put in it."),
      el("div", { class: "row" }, el("button", { class: "main", onclick: () => named(title, "set list") && this.save(title.value.trim(), chosen, name) }, "Save set list")));
  }

  /** @param {string} name @param {string[]} entries @param {string} before its name until now, if it had one */
  async save(name, entries, before) {
    try {
      await this.link.ask("save_set", { name, entries, before });
      if (before && before !== name) await this.link.ask("remove_set", { name: before });
      await this.enter();
      this.look({ name, entries });
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {string} name */
  async remove(name) {
    const set = this.found.sets.find((one) => one.name === name);
    try {
      await this.link.ask("remove_set", { name });
      if (set) this.place.replaceChildren(el("p", { class: "empty" }, "Choose a song or a set list."));
      await this.enter();
      toast(`${name} is deleted`, { action: "Undo", run: () => this.restore(name) });
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  /** @param {string} name of a set list or preset that was deleted */
  async restore(name) {
    try {
      await this.link.ask("restore_set", { name });
      await this.enter();
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }
}

/** Whether a name was given; shows a message if not. @param {HTMLInputElement} input @param {string} what */
function named(input, what) {
  if (input.value.trim()) return true;
  toast(`Give the ${what} a name`, { bad: true });
  input.focus();
  return false;
}
