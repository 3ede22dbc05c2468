// @ts-check
/** The takes view: the list with pictures, and beside it the chosen take. */

import { el, toast } from "./dom.js";
import { minutes } from "./music.js";
import { drawStill } from "./roll.js";
import { TakeView, nameOf } from "./take.js";

/**
 * @typedef {import("./link.js").Link} Link
 * @typedef {import("./take.js").Take} Take
 * @typedef {import("./take.js").Picture} Picture
 */

/** Milliseconds between two checks for new takes. */
const LOOK = 5000;

export class Takes {
  /** @param {Link} link @param {HTMLSelectElement} genres whose options are the genres to compare with */
  constructor(link, genres) {
    this.link = link;
    this.genres = genres;
    /** @type {Take[]} */
    this.takes = [];
    this.list = el("ul", { class: "list" });
    this.place = el("div", { class: "card" }, el("p", { class: "empty" }, "Choose a take."));
    this.element = el("div", { class: "shelf" }, el("section", { "aria-label": "Takes" }, el("h1", {}, "Takes"), this.list), this.place);
    this.list.style.marginTop = "10px";
    /** @type {TakeView | null} */
    this.look = null;
    /** Name of the take that was chosen last, also while its answer is awaited. */
    this.wanted = "";
    this.timer = 0;
    window.addEventListener("resize", () => { if (this.element.isConnected) this.drawList(); });
  }

  async enter() {
    try {
      this.takes = await this.link.ask("takes");
      this.show();
      this.wait();
    } catch (error) {
      if (!this.takes.length) this.list.replaceChildren(el("li", { class: "empty" }, String(/** @type {Error} */ (error).message)));
    }
  }

  leave() {
    this.look?.audio.pause();
    window.clearTimeout(this.timer);
  }

  /** Check for new takes regularly. */
  wait() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      if (!this.element.isConnected) return;
      try {
        const found = /** @type {Take[]} */ (await this.link.ask("takes"));
        if (found.map((take) => take.name).join() !== this.takes.map((take) => take.name).join()) { this.takes = found; this.show(); }
      } catch { /* the next look tells */ }
      this.wait();
    }, LOOK);
  }

  show() {
    if (!this.takes.length) {
      this.list.replaceChildren(el("li", { class: "empty card" }, "None yet. Every performance is recorded as a take, some seconds after its last note."));
      return;
    }
    this.list.replaceChildren(...this.takes.map((take) => el("li", {}, this.row(take))));
    this.drawList();
    const chosen = this.takes.find((take) => take.name === this.wanted);
    if (!chosen && matchMedia("(min-width: 721px)").matches && this.takes[0]) this.choose(this.takes[0].name);
  }

  /** @param {Take} take */
  row(take) {
    const facts = [take.genre, take.seconds !== undefined && minutes(take.seconds), take.bpm && `${Math.round(take.bpm)} bpm`].filter(Boolean).join(" · ");
    return el("button", { class: "take", "aria-current": this.look?.take.name === take.name ? "true" : false, onclick: () => this.choose(take.name, true) },
      el("canvas", { "aria-hidden": "true" }), el("span", {}, el("b", {}, nameOf(take)), el("small", {}, facts)), take.kept ? el("span", { class: "pill", title: "Not deleted when space runs out" }, "kept") : el("span"));
  }

  drawList() {
    [...this.list.querySelectorAll("canvas")].forEach((canvas, index) => {
      const take = this.takes[index];
      if (take) drawStill(canvas, take.roll, { seconds: take.seconds ?? 1, tracks: take.tracks ?? [] });
    });
  }

  /** Show a take; of several chosen in a row the last. One that is already shown stays, with its running tasks.
   * @param {string} name @param {boolean} [scroll] */
  async choose(name, scroll = false) {
    this.wanted = name;
    this.place.inert = this.look?.take.name !== name; // what is still shown is another take: it takes no clicks
    try {
      if (this.place.inert) {
        const found = await this.link.ask("take", { name });
        if (this.wanted !== name) return;
        if (this.look?.take.name !== name) this.lookAt(found);
      }
      if (scroll && !matchMedia("(min-width: 721px)").matches) this.place.scrollIntoView({ block: "start" });
    } catch (error) {
      if (this.wanted === name) {
        this.wanted = this.look?.take.name ?? "";
        this.place.inert = false;
      }
      toast(String(/** @type {Error} */ (error).message), { bad: true });
    }
  }

  /** @param {Take & Picture} found */
  lookAt(found) {
    this.look?.stop();
    this.look = new TakeView(this, found, found);
    this.place.replaceChildren(...this.look.elements);
    this.place.inert = false;
    for (const [index, button] of [...this.list.querySelectorAll("button")].entries()) {
      if (this.takes[index]?.name === found.name) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    }
    this.look.draw();
  }

  /** @param {string} word @param {Record<string, unknown>} fields */
  async change(word, fields) {
    try { await this.link.ask(word, fields); } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); }
    await this.enter();
  }

  /** @param {Take} take */
  async remove(take) {
    try { await this.link.ask("delete_take", { name: take.name }); } catch (error) { toast(String(/** @type {Error} */ (error).message), { bad: true }); return; }
    this.look?.stop();
    this.look = null;
    this.wanted = "";
    this.place.inert = false;
    this.place.replaceChildren(el("p", { class: "empty" }, "Choose a take."));
    await this.enter();
    toast(`${nameOf(take)} is deleted`, { action: "Undo", run: () => this.change("restore_take", { name: take.name }) });
  }
}
