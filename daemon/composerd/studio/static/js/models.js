// @ts-check
/** The models view: installed generators with their training data, and the curves of the user's trainings. */

import { coded, el, palette, sideways, surface } from "./dom.js";
import { title } from "./controls.js";

/** @typedef {import("./link.js").Link} Link */
const LOOK = 3000;

export class Models {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.models = el("div", { class: "cards" });
    this.runs = el("div", { class: "cards" });
    this.element = el("div", {}, el("h1", {}, "Generators"), el("p", { class: "soft" }, "The installed neural nets, one for each genre's band, with the curves of their training. \"Trained on\" lists the music they learned from."), this.models, el("h1", {}, "Trainings"), this.runs);
    this.element.className = "page";
    this.timer = 0;
    /** Whether the models are shown already; they do not change. */
    this.known = false;
    window.addEventListener("resize", () => { if (this.element.isConnected) { draw(this.models); draw(this.runs); } });
  }

  async enter() {
    window.clearTimeout(this.timer);
    try {
      if (!this.known) {
        this.models.replaceChildren(...modelCards(await this.link.ask("models")));
        this.known = true;
        draw(this.models);
      }
      this.showRuns(await this.link.ask("trainings"));
    } catch (error) {
      if (!this.known) this.models.replaceChildren(el("p", { class: "empty" }, String(/** @type {Error} */ (error).message)));
    }
    if (this.element.isConnected && this.link.open) this.timer = window.setTimeout(() => this.enter(), LOOK);
  }

  leave() { window.clearTimeout(this.timer); }

  /** @param {{name: string, changed: number, curves?: Record<string, [number, number][]>, problem?: string}[]} runs */
  showRuns(runs) {
    if (!runs.length) {
      this.runs.replaceChildren(el("p", { class: "card" }, ...coded("None yet. While `composerd-export train` runs, its curves are shown here: start the studio in the same folder, or name the folder of its trainings with `--runs`.")));
      return;
    }
    const key = JSON.stringify(runs.map((run) => [run.name, run.changed]));
    if (this.runs.dataset.key === key) return;
    this.runs.dataset.key = key;
    this.runs.replaceChildren(...runs.map(runCard));
    draw(this.runs);
  }
}

/** @param {HTMLElement} place */
function draw(place) { for (const canvas of place.querySelectorAll("canvas")) drawCurves(canvas, JSON.parse(canvas.dataset.curves ?? "{}")); }

/**
 * @typedef {{name: string, genre?: string, family?: string, tracks?: string[], parameters?: number, bytes: number, problem?: string,
 *   data?: {source: string, licence: string, pieces: number}[], hyperparameters?: Record<string, unknown>, metrics?: {curves?: Record<string, (number | null)[]>}}} Model
 * @typedef {Record<string, [number, number][]>} Curves
 */

/** Cards of the models; the 8-bit version of a net is mentioned on the same card. @param {Model[]} models @returns {HTMLElement[]} */
function modelCards(models) {
  const small = new Set(models.filter((model) => model.name.endsWith("-int8")).map((model) => model.name.slice(0, -5)));
  const names = new Set(models.map((model) => model.name));
  return models.filter((model) => !model.name.endsWith("-int8") || !names.has(model.name.slice(0, -5))).map((model) => modelCard(model, small.has(model.name)));
}

/** @param {Model} model @param {boolean} small */
function modelCard(model, small) {
  const facts = el("dl", {});
  /** @param {string} name @param {unknown} value */
  const add = (name, value) => { if (value !== undefined && value !== "") facts.append(el("dt", {}, name), el("dd", {}, String(value))); };
  add("family", model.family);
  add("parts", model.tracks?.join(", "));
  add("parameters", model.parameters?.toLocaleString("en"));
  add("size", `${(model.bytes / 1e6).toFixed(1)} MB${small ? ", and in 8 bits" : ""}`);
  add("problem", model.problem);
  for (const name of CHOSEN) add(name.replaceAll("_", " "), model.hyperparameters?.[name]);
  const sources = (model.data ?? []).map((source) => el("tr", {}, el("td", {}, source.source), el("td", {}, String(source.pieces ?? "")), el("td", {}, source.licence)));
  return el("section", { class: "card", "aria-label": model.name }, el("h2", { class: "plain" }, title(model.name)), facts,
    ...plots(byEpoch(model.metrics?.curves ?? {})),
    sources.length ? el("details", {}, el("summary", {}, "Trained on"), sideways(`What ${model.name} was trained on`, el("table", {}, el("thead", {}, el("tr", {}, ...["Source", "Pieces", "Licence"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...sources)))) : null,
    numbers("All settings of the training", model.hyperparameters));
}

/** Hyperparameters shown beside a training's curves. */
const CHOSEN = ["epochs", "learning_rate", "discriminator_rate", "update_ratio", "batch"];

/** Columns of a card's curves as pairs of epoch and value. @param {Record<string, (number | null)[]>} columns @returns {Curves} */
export function byEpoch(columns) {
  const { epoch = [], ...rest } = columns;
  return Object.fromEntries(Object.entries(rest).map(([name, values]) => [name, values.flatMap((value, index) => value === null ? [] : [/** @type {[number, number]} */ ([epoch[index] ?? index + 1, value])])]));
}

/** Groups the curves by the first word of their names. @param {Curves} curves @returns {[string, Curves][]} */
export function grouped(curves) {
  /** @type {Map<string, Curves>} */
  const groups = new Map();
  for (const [name, values] of Object.entries(curves)) {
    const [first = "", ...rest] = name.split(" ");
    const group = rest.length ? first : "losses";
    groups.set(group, { ...groups.get(group), [rest.join(" ") || name]: values });
  }
  return [...groups];
}

/** @param {Curves} curves */
function plots(curves) {
  return grouped(curves).map(([group, lines]) => el("figure", { class: "figure" }, el("figcaption", {}, title(group)),
    el("canvas", { class: "plot", role: "img", "aria-label": `${title(group)} by epoch: ${Object.entries(lines).map(([name, values]) => `${name} ${values.at(-1)?.[1].toPrecision(3)}`).join(", ")}`, "data-curves": JSON.stringify(lines) })));
}

/** @param {string} name @param {Record<string, unknown> | undefined} values */
function numbers(name, values) {
  const rows = Object.entries(values ?? {}).filter(([, value]) => typeof value !== "object");
  if (!rows.length) return null;
  return el("details", {}, el("summary", {}, name), el("dl", {}, ...rows.flatMap(([key, value]) => [el("dt", {}, title(key)), el("dd", {}, typeof value === "number" ? String(Number(value.toPrecision(4))) : String(value))])));
}

/** @param {{name: string, curves?: Curves, problem?: string, hyperparameters?: Record<string, unknown>}} run */
function runCard(run) {
  const curves = run.curves ?? {};
  const last = Math.max(0, ...Object.values(curves).map((values) => values.at(-1)?.[0] ?? 0));
  const facts = el("dl", {}, el("dt", {}, "epochs done"), el("dd", {}, run.problem ?? String(last)),
    ...CHOSEN.flatMap((name) => run.hyperparameters?.[name] === undefined ? [] : [el("dt", {}, name.replaceAll("_", " ")), el("dd", {}, String(run.hyperparameters[name]))]));
  return el("section", { class: "card", "aria-label": run.name }, el("h2", { class: "plain" }, run.name), facts, ...plots(curves));
}

/** @param {HTMLCanvasElement} canvas @param {Record<string, [number, number][]>} curves */
export function drawCurves(canvas, curves) {
  const colours = palette(), { context, width, height } = surface(canvas);
  const points = Object.values(curves).flat();
  if (!points.length) return;
  const xs = points.map(([epoch]) => epoch), ys = points.map(([, value]) => value);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const left = 40, bottom = height - 18;
  /** @param {number} x */ const px = (x) => left + (x - x0) / (x1 - x0 || 1) * (width - left - 8);
  /** @param {number} y */ const py = (y) => bottom - (y - y0) / (y1 - y0 || 1) * (bottom - 30);
  context.clearRect(0, 0, width, height);
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = colours.soft;
  context.strokeStyle = colours.line;
  for (const y of [y0, (y0 + y1) / 2, y1]) {
    context.beginPath(); context.moveTo(left, py(y)); context.lineTo(width, py(y)); context.stroke();
    context.fillText(String(Number(y.toPrecision(3))), 2, py(y) + 4);
  }
  context.fillText(`epoch ${x0}`, left, height - 3);
  context.fillText(String(x1), width - 26, height - 3);
  let at = left, line = 12;
  Object.entries(curves).forEach(([name, values], index) => {
    context.strokeStyle = context.fillStyle = colours.parts[index % 8] ?? colours.ink;
    context.lineWidth = 1.8;
    context.beginPath();
    values.forEach(([x, y], place) => place ? context.lineTo(px(x), py(y)) : context.moveTo(px(x), py(y)));
    context.stroke();
    const wide = context.measureText(name).width + 14;
    if (at + wide > width + 8) { at = left; line += 13; }
    context.fillText(name, at, line);
    at += wide;
  });
}
