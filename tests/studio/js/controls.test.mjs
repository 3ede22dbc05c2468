import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { carryOut, controlFor, range } from "../../../daemon/composerd/studio/static/js/controls.js";

/** The band's side: what was asked of it, and whether it refuses. */
class Band {
  constructor() { this.asked = []; this.refuses = ""; }
  async do(word, fields = {}) {
    this.asked.push([word, fields]);
    if (this.refuses) throw new Error(this.refuses);
  }
}

const command = (name, fields = [], more = {}) => ({ name, label: name, kind: "sets", group: "", help: `help of ${name}`, fields, ...more });
const field = (name, shape, more = {}) => ({ name, shape, needed: true, help: "", ...more });
const FOLLOW = command("follow", [field("on", "on or off")]);
const MODE = command("mode", [field("mode", "one of", { choices: ["jam", "phrase"], words: { jam: "while you play" } })]);
const TEMPO = command("tempo", [field("bpm", "a number", { low: 30, high: 300, step: 1 })]);
const SWING = command("swing", [field("amount", "a number", { low: 0, high: 1, step: 0.01, needed: false })]);
let band, toasts;
beforeEach(() => { mock.timers.reset(); mock.timers.enable({ apis: ["setTimeout"] }); band = new Band(); toasts = openPage(); });

test("each shape of a command has its control, and what is about a part has none", () => {
  const kinds = [
    [command("panic"), "button"], [FOLLOW, "button"], [MODE, "select"], [TEMPO, "input"],
    [command("song", [field("name", "a name", { of: "song" })]), "input"],
    [command("metre", [field("metre", "a name", { of: "metre" })]), "select"],
    [command("key", [field("key", "a name", { of: "key" })]), "select"],
  ];
  for (const [one, tag] of kinds) assert.equal(controlFor(band, one).element.all(tag).length > 0, true, one.name);
  assert.equal(controlFor(band, command("volume", [field("part", "a name"), field("value", "a number")])), null);
  assert.equal(controlFor(band, { ...TEMPO, kind: "steps" }), null);
});

test("a button does its command at once", () => {
  controlFor(band, command("panic")).element.click();
  assert.deepEqual(band.asked, [["panic", {}]]);
});

test("a command that cannot be undone asks first, and only two presses in a row do it", () => {
  const button = controlFor(band, command("quit")).element;
  button.click();
  assert.equal(button.textContent, "quit? Press again");
  assert.deepEqual(band.asked, []);
  button.click();
  assert.deepEqual(band.asked, [["quit", {}]]);
  assert.equal(button.textContent, "quit");
  for (const calm of [() => mock.timers.tick(4000), () => button.fire("blur")]) {
    button.click();
    calm();
    assert.equal(button.textContent, "quit");
    assert.equal(button.classList.contains("warn"), false);
  }
  button.click();
  assert.equal(band.asked.length, 1);
});

test("a switch shows what was pressed at once, and then what stands", () => {
  const { element, show } = controlFor(band, FOLLOW);
  element.click();
  assert.equal(element.getAttribute("aria-pressed"), "true");
  element.click();
  assert.deepEqual(band.asked, [["follow", { on: true }], ["follow", { on: false }]]);
  show({ controls: { follow: true } });
  assert.equal(element.getAttribute("aria-pressed"), "true");
  show({ controls: {} });
  assert.equal(element.getAttribute("aria-pressed"), "false");
});

test("a choice shows what stands, also what its list has not, but does not change under the user's hand", () => {
  const { element, show } = controlFor(band, MODE), [select] = element.all("select");
  assert.deepEqual(select.options.map((option) => [option.value, option.textContent]), [["jam", "while you play"], ["phrase", "phrase"]]);
  select.enter("phrase");
  assert.deepEqual(band.asked, [["mode", { mode: "phrase" }]]);
  show({ controls: { mode: "jam now" } });
  assert.equal(select.value, "jam");
  show({ controls: { mode: "other" } });
  show({ controls: { mode: "other" } });
  assert.equal(select.value, "other");
  assert.equal(select.options.length, 3);
  document.activeElement = select;
  show({ controls: { mode: "jam" } });
  assert.equal(select.value, "other");
});

test("a text is sent when it is entered and shows what stands while nobody types", () => {
  const { element, show } = controlFor(band, command("song", [field("name", "a name", { of: "song" })])), [input] = element.all("input");
  input.enter("blues");
  assert.deepEqual(band.asked, [["song", { name: "blues" }]]);
  show({ controls: { song: "waltz" } });
  assert.equal(input.value, "waltz");
  document.activeElement = input;
  show({ controls: { song: "other" } });
  assert.equal(input.value, "waltz");
});

test("a slider sends its last value, and no more often than it may", () => {
  const [input] = controlFor(band, TEMPO).element.all("input");
  for (let bpm = 91; bpm <= 100; bpm++) input.enter(bpm, "input");
  assert.deepEqual(band.asked, []);
  mock.timers.tick(60);
  assert.deepEqual(band.asked, [["tempo", { bpm: 100 }]]);
  input.enter(110, "input");
  mock.timers.tick(60);
  assert.deepEqual(band.asked.at(-1), ["tempo", { bpm: 110 }]);
});

test("a slider shows what stands from the page's first moment on, but not while it is moved", () => {
  const slider = controlFor(band, TEMPO), [input] = slider.element.all("input"), [output] = slider.element.all("output");
  slider.show({ bpm: 120 });
  assert.deepEqual([input.value, output.textContent, input.getAttribute("aria-valuetext")], ["120", "120", "120"]);
  input.enter(90, "input");
  slider.show({ bpm: 120 });
  assert.deepEqual([input.value, output.textContent], ["90", "90"]);
});

test("a setting that may be left to the genre has a button for that", () => {
  const slider = controlFor(band, SWING), [auto] = slider.element.all("button"), [output] = slider.element.all("output");
  slider.show({ controls: { swing: 0.256 } });
  assert.equal(output.textContent, "0.26");
  auto.click();
  assert.deepEqual(band.asked, [["swing", {}]]);
  slider.show({ controls: { swing: 0.5 } });
  assert.equal(output.textContent, "0.50", "the genre's own is shown at once");
  assert.equal(controlFor(band, TEMPO).element.all("button").length, 0);
});

test("a slider of one's own shows its values in its own words", () => {
  const sent = [], made = range("Place", -1, 1, 0.1, (value) => sent.push(value), { shown: (value) => value < 0 ? "left" : "right", bare: true });
  made.show(-0.5);
  assert.equal(made.input.getAttribute("aria-valuetext"), "left");
  assert.equal(made.element.all("output").length, 0);
});

test("what the band refuses is said with the command's name, and whether it was done is told", async () => {
  assert.equal(await carryOut(band, "next_song"), true);
  band.refuses = "set list: none is open";
  assert.equal(await carryOut(band, "next_song"), false);
  assert.equal(toasts.textContent, "Next song: set list: none is open");
});
