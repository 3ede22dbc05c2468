// @ts-check
/** Makes elements from text, which is never parsed as markup. */

/** @typedef {Record<string, unknown>} Attributes */

/**
 * Make an element. Attributes that begin with `on` are listeners; all others are HTML attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on") && typeof value === "function") made.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) made.append(child);
  return made;
}

/** A text in which words between backticks are code. @param {string} text @returns {(Node | string)[]} */
export const coded = (text) => text.split("`").map((part, index) => index % 2 ? el("code", {}, part) : part);

/** A box that scrolls sideways where it has to, also by the keyboard. @param {string} label @param {HTMLElement} child */
export const sideways = (label, child) => el("div", { class: "tablebox", role: "region", "aria-label": label, tabindex: 0 }, child);

/**
 * A drawing of lines, 24 by 24.
 * @param {string} path
 * @returns {SVGSVGElement}
 */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/** @param {HTMLElement} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} button @param {boolean} on */
export function press(button, on) {
  const text = String(on);
  if (button.getAttribute("aria-pressed") !== text) button.setAttribute("aria-pressed", text);
}

/**
 * A message for some seconds, with something to do about it.
 * @param {string} text
 * @param {{bad?: boolean, action?: string, run?: () => void}} [options]
 */
export function toast(text, options = {}) {
  const place = document.getElementById("toasts");
  if (place === null) return;
  const shown = el("div", { class: options.bad ? "toast bad" : "toast" }, el("span", {}, text));
  if (options.action !== undefined) {
    const run = () => { shown.remove(); options.run?.(); };
    shown.append(el("button", { class: "small", onclick: run }, options.action));
  }
  place.append(shown);
  while (place.children.length > 4) place.firstElementChild?.remove();
  setTimeout(() => shown.remove(), options.action === undefined ? 5000 : 12000);
}

/**
 * The canvas's own pixels for its size on the page; its context, scaled.
 * @param {HTMLCanvasElement} canvas
 * @returns {{context: CanvasRenderingContext2D, width: number, height: number}}
 */
export function surface(canvas) {
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  const wide = Math.max(1, Math.round(width * ratio)), high = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== wide || canvas.height !== high) { canvas.width = wide; canvas.height = high; }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

/** The colours of the theme that is shown, by name. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"), soft: of("soft"), faint: of("faint"), line: of("line"), gold: of("gold"), bg: of("bg2"), card: of("card"),
    you: of("you"), parts: [0, 1, 2, 3, 4, 5, 6, 7].map((index) => of(`p${index}`)),
  };
}
/** @typedef {ReturnType<typeof palette>} Palette */
