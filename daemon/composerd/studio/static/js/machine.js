// @ts-check
/** The machine view: the doctor's findings with their fixes, and all settings with their origin. */

import { counted } from "./controls.js";
import { coded, el, say, sideways, toast } from "./dom.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {{name: string, level: string, says: string, fix: string}} Found
 * @typedef {{running?: boolean, seconds?: number, findings?: Found[], advice?: {setting: string, value: string, why: string}[], problem?: string}} Examination
 * @typedef {{name: string, value: string, origin: string, help: string, safe: boolean, choices: string[]}} Row
 */

/** Milliseconds between two requests for the state of a running examination. */
const LOOK = 1000;
const SECTIONS = /** @type {Record<string, string>} */ ({ band: "Band", engine: "Playing along", midi: "MIDI", audio: "Sound", takes: "Takes", remote: "Control from outside", log: "Messages" });
/** Rows about the band: name in a snapshot, label, text after the value. @type {[string, string, string][]} */
const STANDING = [
  ["state", "State", ""], ["genre", "Genre", ""], ["song", "Song", ""], ["bpm", "Tempo", " beats a minute"], ["metre", "Metre", ""], ["key", "Key", ""],
  ["keyboard", "Keyboard", ""], ["notes", "Outputs", ""],
  ["late", "Too late", " the neural net needed too long for its next notes: those planned before were played"],
  ["dropped", "Overtaken", " you had played on before its answer came: it answered your newer notes instead"], ["version", "Version", ""],
];

const COUNTS = { late: true, dropped: true };

/** @param {unknown} value */
const known = (value) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length);
/** @param {unknown} value */
const words = (value) => Array.isArray(value) ? value.join(", ") : String(value);

export class Machine {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.findings = el("div", { "aria-live": "polite" });
    this.timer = 0;
    this.button = el("button", { class: "main", onclick: () => this.examine() }, "Examine this machine");
    this.settings = el("div", { class: "controls" });
    /** @type {Map<string, (row: Row) => void>} name of a setting -> shows it anew, unless it is being edited */
    this.rows = new Map();
    this.search = el("input", { type: "search", placeholder: "Find a setting", "aria-label": "Find a setting", oninput: () => this.filter() });
    this.bandNow = el("dl", {});
    this.element = el("div", { class: "page" },
      el("section", { class: "card" }, el("h1", {}, "The band now"), this.bandNow),
      el("section", { class: "card" }, el("div", { class: "row spread" }, el("h1", {}, "Doctor"), this.button),
        el("p", { class: "soft" }, "Looks at this machine's sound, MIDI, processor and your files, and says what to set so that no note is late."), this.findings),
      el("section", { class: "card" }, el("div", { class: "row spread" }, el("h1", {}, "Settings"), this.search),
        el("p", { class: "soft" }, "Changes here are written to your settings file and take effect at composerd's next start. The controls under Live act at once, until composerd ends."), this.settings));
    link.addEventListener("snapshot", () => { if (this.element.isConnected) this.showBand(); });
  }

  async enter() {
    this.showBand();
    this.look();
    try {
      this.showSettings(await this.link.ask("settings"));
      this.filter();
    } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
  }

  showBand() {
    const snapshot = this.link.snapshot;
    const rows = snapshot ? STANDING.flatMap(([name, label, unit]) => known(snapshot[name]) ? [[label, `${name in COUNTS ? counted(Number(snapshot[name]), "time") : words(snapshot[name])}${unit}`]] : []) : [["State", "no composerd answers"]];
    this.bandNow.replaceChildren(...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }

  /** Show the settings: first those that a page may change, by section; the others folded. @param {Row[]} rows */
  showSettings(rows) {
    if (this.rows.size) {
      for (const row of rows) this.rows.get(row.name)?.(row);
      return;
    }
    const folded = el("details", {}, el("summary", {}, "All other settings: they name files or devices, or concern the whole machine, and are changed in the settings file"), this.table("All other settings", rows.filter((row) => !row.safe)));
    this.settings.replaceChildren(this.table("Settings to change here", rows.filter((row) => row.safe)), folded);
  }

  /** @param {string} name @param {Row[]} rows */
  table(name, rows) {
    const sections = [...new Set(rows.map((row) => row.name.split(".")[0] ?? ""))];
    return sideways(name, el("table", { class: "settings" }, el("thead", {}, el("tr", {}, ...["Setting", "Value", "What it does", "From"].map((name) => el("th", { scope: "col" }, name)))),
      ...sections.map((section) => el("tbody", {}, el("tr", { class: "group" }, el("th", { scope: "rowgroup", colspan: 4 }, SECTIONS[section] ?? section)),
        ...rows.filter((row) => row.name.startsWith(`${section}.`)).map((row) => this.row(row))))));
  }

  /** @param {Row} row */
  row(row) {
    const { cell, show } = row.safe ? this.editor(row) : fixed(), origin = el("span", { class: "mono" });
    /** @param {Row} now */
    const refresh = (now) => {
      say(origin, now.origin);
      if (document.activeElement !== cell) show(now);
    };
    this.rows.set(row.name, refresh);
    refresh(row);
    return el("tr", { "data-words": `${row.name} ${row.help}`.toLowerCase() }, el("td", {}, el("code", {}, row.name)), el("td", {}, cell), el("td", {}, ...coded(row.help)), el("td", {}, origin));
  }

  /** The editor of a setting, and a function that shows the current value in it. @param {Row} row @returns {{cell: HTMLElement, show: (row: Row) => void}} */
  editor(row) {
    let current = row.value;
    /** @param {HTMLInputElement | HTMLSelectElement} input */
    const change = async (input) => {
      const value = input.value;
      try {
        const found = await this.link.ask("change_setting", { name: row.name, value });
        toast(found.stronger ? `Written to ${found.page}, but ${found.stronger} overrides it` : `${row.name} is ${value || "empty"} from composerd's next start on (written to ${found.page})`);
        current = value;
      } catch (error) {
        toast(String(/** @type {Error} */ (error).message), { bad: true });
        input.value = current;
      }
      this.enter();
    };
    if (choices(row).length) {
      /** @type {HTMLSelectElement} */
      const select = el("select", { "aria-label": row.name, onchange: () => change(select) });
      return { cell: select, show: (now) => {
        current = now.value;
        select.replaceChildren(...choices(now).map((value) => el("option", { value, selected: value === now.value }, { true: "on", false: "off" }[value] ?? value)));
      } };
    }
    /** @type {HTMLInputElement} */
    const input = el("input", { type: "text", size: 9, placeholder: "empty", "aria-label": row.name, maxlength: 100, onchange: () => change(input) });
    return { cell: input, show: (now) => { current = input.value = now.value; } };
  }

  /** Show only the rows that contain the searched words, and their sections. */
  filter() {
    const words = this.search.value.toLowerCase();
    for (const body of this.settings.querySelectorAll("tbody")) {
      const rows = /** @type {HTMLElement[]} */ ([...body.querySelectorAll("tr[data-words]")]);
      for (const row of rows) row.hidden = !(row.dataset.words ?? "").includes(words);
      body.hidden = rows.every((row) => row.hidden);
    }
    const folded = this.settings.querySelector("details");
    if (folded && words) folded.open = [...folded.querySelectorAll("tbody")].some((body) => !body.hidden);
  }

  async examine() {
    this.button.disabled = true;
    this.show({ running: true, seconds: 0, findings: [], advice: [], problem: "" });
    this.timer = window.setTimeout(() => this.look(), LOOK);
    try {
      this.show(await this.link.ask("doctor"));
    } catch (error) {
      this.findings.prepend(el("p", { class: "wrong" }, String(/** @type {Error} */ (error).message)));
      this.button.disabled = false;
    }
    window.clearTimeout(this.timer);
  }

  /** Show the state of the examination; repeated while one runs. */
  async look() {
    window.clearTimeout(this.timer);
    try {
      const found = /** @type {Examination} */ (await this.link.ask("examination"));
      this.show(found);
      if (found.running && this.element.isConnected) this.timer = window.setTimeout(() => this.look(), LOOK);
    } catch {
      if (this.link.open && this.element.isConnected) this.timer = window.setTimeout(() => this.look(), LOOK);  // else the next connection asks again
    }
  }

  /** @param {Examination} found */
  show({ running, seconds = 0, findings, advice = [], problem }) {
    this.button.disabled = running === true;
    if (findings === undefined) {
      this.findings.replaceChildren(el("p", { class: "empty" }, "Not examined yet: it takes half a minute, and some minutes on a Pi or beside other work."));
      return;
    }
    const state = running ? `Examining for ${counted(seconds, "second")}: half a minute in all, some minutes on a Pi or beside other work. ${findings.length ? "Found so far:" : ""}`
      : `Examined ${ago(seconds)}.`;
    this.findings.replaceChildren(el("p", { class: "soft" }, state), problem ? el("p", { class: "wrong" }, problem) : "", ...findings.map(finding),
      ...advice.map((one) => el("p", {}, `Advice: set ${one.setting} to ${one.value} (${one.why})`)));
  }
}

/** @param {Row} row */
const choices = (row) => ["true", "false"].includes(row.value) ? ["true", "false"] : row.choices;

/** A row for a setting that cannot be changed here. @returns {{cell: HTMLElement, show: (row: Row) => void}} */
function fixed() {
  const cell = el("span", {});
  return { cell, show: (now) => cell.replaceChildren(now.value ? el("code", {}, now.value) : el("span", { class: "soft" }, "empty")) };
}

/** @param {number} seconds */
const ago = (seconds) => seconds < 60 ? "just now" : seconds < 3600 ? `${counted(Math.floor(seconds / 60), "minute")} ago` : `${counted(Math.floor(seconds / 3600), "hour")} ago`;

/** @param {Found} found */
function finding(found) {
  return el("div", { class: "finding" }, el("span", { class: `level ${found.level}` }, found.level), el("div", {}, el("b", {}, found.name), ": ", ...coded(found.says)), found.fix ? el("div", { class: "fix" }, ...coded(found.fix)) : null);
}
