// @ts-check
/** The page: its views, its theme, and the state of the connection. */

import { el, icon, say, toast } from "./dom.js";
import { Link } from "./link.js";
import { Live } from "./live.js";
import { Machine } from "./machine.js";
import { Models } from "./models.js";
import { redrawStills } from "./roll.js";
import { Songs } from "./songs.js";
import { Takes } from "./takes.js";

const TITLES = /** @type {Record<string, string>} */ ({ live: "Live", takes: "Takes", songs: "Songs", models: "Models", machine: "Machine" });
const link = new Link();
const live = new Live(link);
/** @type {Record<string, {element: HTMLElement, enter?: () => void, leave?: () => void}>} */
const views = {
  live: { element: live.element, enter: () => live.wake() },
  takes: new Takes(link, live.band.genres),
  songs: new Songs(link, live.band.genres),
  models: new Models(link),
  machine: new Machine(link),
};
let shown = "";

function route() {
  const [name] = location.hash.slice(1).split("/");
  const wanted = name && Object.hasOwn(views, name) ? name : "live";
  if (wanted === shown) return;
  views[shown]?.leave?.();
  shown = wanted;
  const view = /** @type {HTMLElement} */ (document.getElementById("view"));
  view.replaceChildren(/** @type {Node} */ (views[wanted]?.element));
  document.title = `${TITLES[wanted]} · composerd studio`;
  for (const tab of document.querySelectorAll(".tabs a")) {
    if (tab.getAttribute("href") === `#${wanted}`) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  enter();
}

/** Load the content of the current view; without a connection this is repeated once there is one. */
function enter() {
  if (link.open && furnished) views[shown]?.enter?.();
}

function showConnection() {
  const place = /** @type {HTMLElement} */ (document.getElementById("connection"));
  const dot = el("span", { class: link.connected ? "dot on" : "dot off" });
  const text = !link.open ? link.why || (link.tries ? "studio does not answer" : "connecting …") : !link.connected ? "no composerd" : link.snapshot?.keyboard ?? "no MIDI keyboard";
  const line = el("span", {}, text), key = `${link.open}${link.connected}${text}`;
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  place.replaceChildren(el("span", { class: "pill", title: "Connection and keyboard" }, dot, line), themeButton());
}

function themeButton() {
  const made = el("button", { class: "iconic", "aria-label": "Dark or light", onclick: () => {
    const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
    setTheme(dark === "dark" ? "light" : "dark");
  } }, icon("M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9z"));
  return made;
}

/** @param {string} theme */
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("theme", theme); } catch { /* a private window: the theme is for now only */ }
  recolour();
}

/** Draw everything again in the colours of the theme. */
function recolour() {
  live.roll.recolour();
  live.wake();
  redrawStills();
  window.dispatchEvent(new Event("resize"));
}

function start() {
  let theme = null;
  try { theme = localStorage.getItem("theme"); } catch { /* as above */ }
  if (theme === "dark" || theme === "light") setTheme(theme);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", recolour);
  window.addEventListener("hashchange", route);
  link.addEventListener("connection", showConnection);
  link.addEventListener("snapshot", showConnection);
  link.addEventListener("connection", () => {
    if (link.open && !open) furnish();
    open = link.open;
  });
  showConnection();
  route();
}

let open = false, furnished = false;
/** After each connection: load the commands and genres if they are missing, then the view's content. */
async function furnish() {
  try {
    if (!furnished) {
      const [commands, genres] = await Promise.all([link.ask("commands"), link.ask("genres")]);
      live.furnish(commands, genres);
      furnished = true;
    }
    enter();
  } catch (error) {
    if (link.open) toast(String(/** @type {Error} */ (error).message), { bad: true });
  }
}

start();
Object.assign(window, { studio: { link, live, say } });
