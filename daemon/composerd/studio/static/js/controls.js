// @ts-check
/** Makes controls from the table of commands, the same that `composerd ctl` has. */

import { el, press, say, toast } from "./dom.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./link.js").Snapshot} Snapshot
 * @typedef {{name: string, shape: "a number" | "a whole number" | "on or off" | "one of" | "a name", needed: boolean, help: string,
 *   low?: number, high?: number, unit?: string, step?: number, choices?: string[], words?: Record<string, string>, of?: string}} Field
 * @typedef {{name: string, label: string, kind: string, group: string, help: string, fields: Field[]}} Command as `composerd ctl` has them
 * @typedef {{element: HTMLElement, show: (snapshot: Snapshot) => void}} Control
 */

const METRES = ["4/4", "3/4", "2/4", "6/8", "5/4", "7/8", "12/8"];
const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const KEYS = ["none", ...TONICS, ...["Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm"]];
/** Milliseconds between two messages of a slider that is moved. */
const PACE = 60;
/** Commands that cannot be undone: their buttons are pressed twice. */
const ASKING = ["quit"];
/** Milliseconds within which the second press counts. */
const WITHIN = 4000;

/** @param {string} name */
export const title = (name) => { const words = name.replaceAll("_", " "); return (words[0] ?? "").toUpperCase() + words.slice(1); };

/** Carry out a command; shows the reason if it is refused. @param {Link} link @param {string} word @param {Record<string, unknown>} [fields] @returns {Promise<boolean>} whether it was done */
export function carryOut(link, word, fields = {}) {
  return link.do(word, fields).then(() => true, (error) => { toast(`${title(word)}: ${error.message}`, { bad: true }); return false; });
}

/** `1 bar`, `2 bars`. @param {number} number @param {string} what */
export const counted = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

/**
 * The control for a command without fields or with one; null for commands about a part, which the mixer has.
 * @param {Link} link @param {Command} command @returns {Control | null}
 */
export function controlFor(link, command) {
  const [field, ...more] = command.fields;
  if (field === undefined) return ASKING.includes(command.name) ? askingButton(link, command) : button(link, command);
  if (more.length > 0) return null;
  if (field.shape === "on or off") return toggle(link, command);
  if (field.shape === "one of") return choice(link, command, field, field.choices ?? [], field.words ?? {});
  if (field.of === "metre") return choice(link, command, field, METRES, {});
  if (field.of === "key") return choice(link, command, field, KEYS, { none: "automatic" });
  if (field.shape === "a number" || field.shape === "a whole number") return command.kind === "steps" ? null : slider(link, command, field);
  return text(link, command, field);
}

/** @param {Snapshot} snapshot @param {Command} command @returns {any} */
export const currentValue = (snapshot, command) => snapshot.controls?.[command.name] ?? (command.name === "tempo" ? snapshot.bpm : undefined);

/** @param {Link} link @param {Command} command @returns {Control} */
function button(link, command) {
  const made = el("button", { title: command.help, onclick: () => carryOut(link, command.name) }, command.label);
  return { element: made, show: () => undefined };
}

/** A button whose first press asks; the second, within WITHIN and before the focus moves on, carries out the command. @param {Link} link @param {Command} command @returns {Control} */
function askingButton(link, command) {
  let timer = 0;
  const calm = () => { window.clearTimeout(timer); timer = 0; say(made, command.label); made.classList.remove("warn"); };
  const pressed = () => {
    if (timer) { calm(); carryOut(link, command.name); return; }
    say(made, `${command.label}? Press again`);
    made.classList.add("warn");
    timer = window.setTimeout(calm, WITHIN);
  };
  const made = el("button", { title: command.help, "aria-live": "polite", onclick: pressed, onblur: calm }, command.label);
  return { element: made, show: () => undefined };
}

/** @param {Link} link @param {Command} command @returns {Control} */
function toggle(link, command) {
  const made = el("button", { class: "switch", "aria-pressed": "false", title: command.help, onclick: () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    press(made, on);
    carryOut(link, command.name, { on });
  } }, command.label);
  return { element: made, show: (snapshot) => press(made, currentValue(snapshot, command) === true) };
}

/** @param {Link} link @param {Command} command @param {Field} field @param {string[]} choices @param {Record<string, string>} words @returns {Control} */
function choice(link, command, field, choices, words) {
  const select = el("select", { id: `c-${command.name}`, onchange: () => carryOut(link, command.name, { [field.name]: select.value }) },
    ...choices.map((value) => el("option", { value }, words[value] ?? value)));
  const made = el("div", { class: "field", title: command.help }, el("label", { for: select.id }, command.label), select);
  return { element: made, show: (snapshot) => { const now = String(currentValue(snapshot, command) ?? "").split(" ")[0] ?? ""; if (document.activeElement !== select && now) choose(select, now); } };
}

/** Select a value; one that is not in the list, such as a key spelled differently, is added. @param {HTMLSelectElement} select @param {string} value */
function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(el("option", { value }, value));
  if (select.value !== value) select.value = value;
}

/** @param {Link} link @param {Command} command @param {Field} field @returns {Control} */
function text(link, command, field) {
  const input = el("input", { type: "text", id: `c-${command.name}`, maxlength: 64, onchange: () => carryOut(link, command.name, { [field.name]: input.value }) });
  const made = el("div", { class: "field", title: command.help }, el("label", { for: input.id }, command.label), input);
  return { element: made, show: (snapshot) => { if (document.activeElement !== input) input.value = String(currentValue(snapshot, command) ?? ""); } };
}

/** @param {Link} link @param {Command} command @param {Field} field @returns {Control} */
function slider(link, command, field) {
  const low = field.low ?? 0, high = field.high ?? 1;
  const made = range(command.label, low, high, field.step || 0.01,
    (value) => carryOut(link, command.name, { [field.name]: value }), { help: command.help, unset: field.needed ? null : () => carryOut(link, command.name) });
  return { element: made.element, show: (snapshot) => made.show(currentValue(snapshot, command)) };
}

/**
 * A labelled slider that sends at most every PACE milliseconds and is not moved by news while it is held.
 * @param {string} label @param {number} low @param {number} high @param {number} step @param {(value: number) => unknown} send
 * @param {{help?: string, unset?: (() => unknown) | null, shown?: (value: number) => string, bare?: boolean}} [options]
 */
export function range(label, low, high, step, send, options = {}) {
  const shown = options.shown ?? ((value) => step < 1 ? value.toFixed(2) : String(Math.round(value)));
  const output = el("output", {});
  let timer = 0, moved = -Infinity;
  const input = el("input", { type: "range", min: low, max: high, step, "aria-label": label, oninput: () => {
    moved = performance.now();
    say(output, shown(Number(input.value)));
    input.setAttribute("aria-valuetext", shown(Number(input.value)));
    if (!timer) timer = window.setTimeout(() => { timer = 0; send(Number(input.value)); }, PACE);
  } });
  const head = el("span", { class: "label" }, el("span", {}, label), output);
  if (options.unset) head.append(el("button", { class: "small", title: "As the genre has it", "aria-label": `${label}: as the genre has it`, onclick: () => { moved = -Infinity; options.unset?.(); } }, "auto"));
  const element = el("div", { class: "field", title: options.help ?? false }, options.bare ? null : head, input);
  return {
    element, input,
    /** @param {any} value */
    show(value) {
      if (performance.now() - moved < 700 || typeof value !== "number") { if (value === null) say(output, "auto"); return; }
      const text = String(value);
      if (input.value !== text) input.value = text;
      say(output, shown(value));
      input.setAttribute("aria-valuetext", shown(value));
    },
  };
}
