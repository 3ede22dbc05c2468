import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SmallElement, openPage } from "./small_dom.mjs";
import { coded, el, icon, press, say, sideways, toast } from "../../../daemon/composerd/studio/static/js/dom.js";

let toasts;
beforeEach(() => { toasts = openPage(); mock.timers.reset(); mock.timers.enable({ apis: ["setTimeout"] }); });

test("attributes are set, left out, or listeners", () => {
  let clicks = 0;
  const made = el("button", { class: "small", hidden: true, disabled: false, title: null, rows: 3, value: undefined, onclick: () => clicks++ }, "a", null, undefined, el("b", {}, "c"));
  assert.deepEqual([...made.attributes], [["class", "small"], ["hidden", ""], ["rows", "3"]]);
  assert.equal(made.textContent, "ac");
  made.click();
  assert.equal(clicks, 1);
});

test("texts are texts, whatever signs they hold", () => {
  const made = el("p", {}, "<img src=x onerror=alert(1)>");
  assert.deepEqual(made.children, ["<img src=x onerror=alert(1)>"]);
});

test("words between backticks are code", () => {
  const parts = coded("run `composerd doctor` as `root` now");
  assert.deepEqual(parts.map((part) => part instanceof SmallElement ? [part.tag, part.textContent] : part), ["run ", ["code", "composerd doctor"], " as ", ["code", "root"], " now"]);
  assert.deepEqual(coded("plain"), ["plain"]);
});

test("a wide table is a region of its own that the keyboard reaches", () => {
  const box = sideways("Settings", el("table"));
  assert.deepEqual(["role", "aria-label", "tabindex"].map((name) => box.getAttribute(name)), ["region", "Settings", "0"]);
});

test("a drawing is hidden from readers of the page", () => {
  const drawing = icon("M1 2");
  assert.equal(drawing.getAttribute("aria-hidden"), "true");
  assert.equal(drawing.firstElementChild.getAttribute("d"), "M1 2");
});

test("what already stands there is not written again", () => {
  const element = el("output", {}, "1");
  element.children = ["1"];
  const before = element.children;
  say(element, "1");
  assert.equal(element.children, before);
  say(element, "2");
  assert.equal(element.textContent, "2");
  const button = el("button");
  press(button, true);
  assert.equal(button.getAttribute("aria-pressed"), "true");
  press(button, false);
  assert.equal(button.getAttribute("aria-pressed"), "false");
});

test("a message goes by itself, one with something to do later", () => {
  toast("saved");
  toast("deleted", { action: "Undo" });
  toast("no", { bad: true });
  assert.deepEqual(toasts.children.map((one) => one.getAttribute("class")), ["toast", "toast", "toast bad"]);
  mock.timers.tick(5000);
  assert.deepEqual(toasts.children.map((one) => one.textContent), ["deletedUndo"]);
  mock.timers.tick(7000);
  assert.equal(toasts.children.length, 0);
});

test("of many messages the newest four are shown", () => {
  for (const text of ["1", "2", "3", "4", "5", "6"]) toast(text);
  assert.deepEqual(toasts.children.map((one) => one.textContent), ["3", "4", "5", "6"]);
});

test("what can be done about a message is done once, and the message goes", () => {
  let done = 0;
  toast("deleted", { action: "Undo", run: () => done++ });
  toasts.button("Undo").click();
  assert.equal(done, 1);
  assert.equal(toasts.children.length, 0);
});
