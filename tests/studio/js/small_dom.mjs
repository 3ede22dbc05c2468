/** As much of a browser's page as controls need: elements with attributes, children, listeners and values. */

export class SmallElement {
  constructor(tag) {
    this.tag = tag;
    this.attributes = new Map();
    this.children = [];
    this.listeners = new Map();
    this.parent = null;
    this.own = undefined;
    const classes = new Set();
    this.classList = {
      add: (name) => classes.add(name), remove: (name) => classes.delete(name), contains: (name) => classes.has(name),
      toggle: (name, on) => on ? classes.add(name) : classes.delete(name),
    };
    this.style = {};
    this.clientWidth = 0;
    this.isConnected = true;
  }

  setAttribute(name, value) { this.attributes.set(name, value); }
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  addEventListener(name, listener) { this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]); }

  append(...nodes) {
    for (const node of nodes) {
      this.children.push(node);
      if (node instanceof SmallElement) node.parent = this;
    }
  }

  prepend(...nodes) { const before = this.children; this.children = []; this.append(...nodes); this.children.push(...before); }

  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }

  replaceWith(...nodes) {
    const parent = this.parent, at = parent.children.indexOf(this);
    for (const node of nodes) if (node instanceof SmallElement) node.parent = parent;
    parent.children.splice(at, 1, ...nodes);
    this.parent = null;
  }

  removeAttribute(name) { this.attributes.delete(name); }
  scrollIntoView() { this.scrolled = true; }

  focus() { document.activeElement = this; }

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
    this.parent = null;
  }

  get id() { return this.getAttribute("id") ?? ""; }
  get firstChild() { return this.children[0] ?? null; }
  get lastElementChild() { return this.children.filter((one) => one instanceof SmallElement).at(-1) ?? null; }
  get parentElement() { return this.parent; }
  get firstElementChild() { return this.children.find((one) => one instanceof SmallElement) ?? null; }
  get textContent() { return this.children.map((one) => one instanceof SmallElement ? one.textContent : String(one)).join(""); }
  set textContent(text) { this.children = [text]; }
  get options() { return this.all("option"); }
  get tagName() { return this.tag.toUpperCase(); }
  get type() { return this.getAttribute("type") ?? ""; }
  get dataset() { return new Proxy({}, { get: (_, name) => this.attributes.get(`data-${name}`), set: (_, name, value) => { this.attributes.set(`data-${name}`, String(value)); return true; } }); }
  get value() { return this.own ?? this.getAttribute("value") ?? (this.tag === "select" ? this.options[0]?.value ?? "" : ""); }
  set value(value) { this.own = String(value); }

  /** All elements of a tag below this one, itself included. */
  all(tag) { return [...(this.tag === tag ? [this] : []), ...this.children.flatMap((one) => one instanceof SmallElement ? one.all(tag) : [])]; }

  /** Whether it is called so: `tag`, `tag.class`, `[attribute]`, `tag[attribute]` or `tag[attribute=value]`. */
  matches(selector) {
    const [, tag, kind, attribute, value] = /^([a-z]*)(?:\.([\w-]+))?(?:\[([\w-]+)(?:=([\w-]+))?\])?$/.exec(selector);
    const classes = (this.getAttribute("class") ?? "").split(" ");
    return (!tag || tag === this.tag) && (!kind || classes.includes(kind) || this.classList.contains(kind)) && (!attribute || (this.attributes.has(attribute) && (value === undefined || String(this.getAttribute(attribute)) === value)));
  }

  /** All elements below this one that are called so. */
  querySelectorAll(selector) {
    const below = this.children.filter((one) => one instanceof SmallElement);
    return below.flatMap((one) => [...(one.matches(selector) ? [one] : []), ...one.querySelectorAll(selector)]);
  }

  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null; }

  /** The button below this one that says so, or is labelled so. */
  button(text) { return this.all("button").find((one) => one.textContent === text || one.getAttribute("aria-label") === text); }

  /** What a user does. */
  fire(name) { for (const listener of this.listeners.get(name) ?? []) listener({ target: this, currentTarget: this, preventDefault() {} }); }
  click() { this.fire("click"); }
  enter(value, name = "change") { this.value = value; this.fire(name); }
}

/** A class of which elements of one tag are instances. */
const kindOf = (tag) => class { static [Symbol.hasInstance](one) { return one instanceof SmallElement && one.tag === tag; } };

/** Put a page in place of the browser's; returns where its toasts appear, and what a user does to the whole page. */
export function openPage() {
  const toasts = new SmallElement("div"), listeners = new Map();
  const addEventListener = (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]);
  globalThis.document = {
    activeElement: null, hidden: false, addEventListener, documentElement: new SmallElement("html"),
    createElement: (tag) => tag === "canvas" ? new SmallCanvas(300, 100) : new SmallElement(tag),
    body: new SmallElement("body"),
    createElementNS: (_, tag) => new SmallElement(tag),
    getElementById: (id) => id === "toasts" ? toasts : toasts.page?.get(id) ?? null,
    querySelectorAll: (selector) => toasts.tabs?.querySelectorAll(selector.split(" ").at(-1)) ?? [],
  };
  Object.assign(globalThis, { window: globalThis, addEventListener, HTMLElement: SmallElement, HTMLInputElement: kindOf("input"), HTMLButtonElement: kindOf("button") });
  globalThis.getComputedStyle = () => ({ getPropertyValue: (name) => name });
  globalThis.matchMedia = () => ({ matches: false });
  globalThis.ResizeObserver = class { observe() { /* nothing changes its size here */ } disconnect() {} };
  /** Something that happens to the page: a key, its window in the background. */
  toasts.happen = (name, event = {}) => { for (const listener of listeners.get(name) ?? []) listener({ preventDefault() {}, ...event }); };
  return toasts;
}

/** A canvas that keeps the boxes that are drawn on it, each with its colour and how solid it is. */
export class SmallCanvas extends SmallElement {
  constructor(width, height) {
    super("canvas");
    Object.assign(this, { clientWidth: width, clientHeight: height, boxes: [], texts: [] });
    const keep = (context, box) => this.boxes.push({ ...box, colour: context.fillStyle, alpha: context.globalAlpha });
    this.context = {
      globalAlpha: 1, path: null,
      setTransform() {}, stroke() {}, measureText: (text) => ({ width: 7 * text.length }),
      fillText: (text, x, y) => this.texts.push({ text, x, y }),
      beginPath() { this.path = null; },
      roundRect(x, y, w, h) { this.path = { x, y, w, h }; },
      fill() { keep(this, this.path); },
      fillRect(x, y, w, h) { keep(this, { x, y, w, h }); },
    };
  }

  getContext() { return this.context; }

  /** The boxes of one colour. */
  of(colour) { return this.boxes.filter((box) => box.colour === colour); }
}
