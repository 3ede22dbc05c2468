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
    this.classList = { add: (name) => classes.add(name), remove: (name) => classes.delete(name), contains: (name) => classes.has(name) };
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

  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
    this.parent = null;
  }

  get id() { return this.getAttribute("id") ?? ""; }
  get firstElementChild() { return this.children.find((one) => one instanceof SmallElement) ?? null; }
  get textContent() { return this.children.map((one) => one instanceof SmallElement ? one.textContent : String(one)).join(""); }
  set textContent(text) { this.children = [text]; }
  get options() { return this.children.filter((one) => one.tag === "option"); }
  get value() { return this.own ?? this.getAttribute("value") ?? (this.tag === "select" ? this.options[0]?.value ?? "" : ""); }
  set value(value) { this.own = String(value); }

  /** All elements of a tag below this one, itself included. */
  all(tag) { return [...(this.tag === tag ? [this] : []), ...this.children.flatMap((one) => one instanceof SmallElement ? one.all(tag) : [])]; }

  /** What a user does. */
  fire(name) { for (const listener of this.listeners.get(name) ?? []) listener({ target: this }); }
  click() { this.fire("click"); }
  enter(value, name = "change") { this.value = value; this.fire(name); }
}

/** Put a page in place of the browser's; returns where its toasts appear. */
export function openPage() {
  const toasts = new SmallElement("div");
  globalThis.document = {
    activeElement: null,
    createElement: (tag) => new SmallElement(tag),
    getElementById: (id) => id === "toasts" ? toasts : null,
  };
  globalThis.window = globalThis;
  return toasts;
}
