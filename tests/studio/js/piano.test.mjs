import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SmallElement, openPage } from "./small_dom.mjs";
import { Piano } from "../../../daemon/composerd/studio/static/js/piano.js";

let page, piano, sent;
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  page = openPage();
  sent = [];
  piano = new Piano({ do: async (word, fields) => { sent.push(word === "note" ? [fields.pitch, fields.velocity] : [word, fields.down]); } });
  piano.keyboard.clientWidth = 800;
  piano.build();
});
const down = (code, more = {}) => page.happen("keydown", { code, target: new SmallElement("body"), ...more });
const up = (code) => page.happen("keyup", { code });
const isHeld = (pitch) => piano.buttons.get(pitch).classList.contains("held");

test("a computer's key is a key of the piano until it is let go, however often it repeats", () => {
  down("KeyA");
  assert.equal(isHeld(60), true);
  down("KeyA", { repeat: true });
  up("KeyA");
  up("KeyA");
  assert.deepEqual(sent, [[60, 84], [60, 0]]);
  assert.equal(isHeld(60), false);
});

test("nothing is played while someone writes, with the browser's own keys, or from a page that is not shown", () => {
  for (const more of [{ target: new SmallElement("textarea") }, { target: new SmallElement("input") }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) down("KeyA", more);
  const slider = new SmallElement("input");
  slider.setAttribute("type", "range");
  down("KeyS", { target: slider });
  up("KeyS");
  piano.element.isConnected = false;
  down("KeyD");
  assert.deepEqual(sent, [[62, 84], [62, 0]]);
});

test("a pitch that two hold sounds until both have let go", () => {
  piano.play("m60", 60, 90);
  down("KeyA");
  piano.release("m60");
  assert.deepEqual(sent, [[60, 90], [60, 84]]);
  assert.equal(isHeld(60), true);
  up("KeyA");
  assert.deepEqual(sent.at(-1), [60, 0]);
});

test("one finger that moves on holds one key", () => {
  piano.play("p1", 60, 90);
  piano.play("p1", 62, 80);
  assert.deepEqual(sent, [[60, 90], [60, 0], [62, 80]]);
});

test("another octave lets go of what is held, and there is an end of octaves", () => {
  down("KeyA");
  down("KeyX");
  up("KeyA");
  down("KeyA");
  assert.deepEqual(sent, [[60, 84], [60, 0], [72, 84]]);
  assert.equal(piano.octave.textContent, "C5");
  for (let i = 0; i < 9; i++) piano.shift(12);
  assert.equal(piano.base, 84);
  for (let i = 0; i < 9; i++) piano.shift(-12);
  assert.equal(piano.base, 24);
});

test("keys make the next notes louder and softer within bounds", () => {
  down("KeyV");
  down("KeyA");
  for (let i = 0; i < 20; i++) down("KeyC");
  down("KeyS");
  for (let i = 0; i < 20; i++) down("KeyV");
  down("KeyD");
  assert.deepEqual(sent, [[60, 96], [62, 20], [64, 120]]);
});

test("when the window is left, nothing sounds on: neither keys nor the pedal that a key held", () => {
  for (const [name, hidden] of [["blur", false], ["visibilitychange", true]]) {
    sent.length = 0;
    document.hidden = hidden;
    down("KeyA");
    down("ShiftLeft");
    page.happen(name);
    assert.deepEqual(sent, [[60, 84], ["pedal", true], [60, 0], ["pedal", false]], name);
    up("KeyA");
    up("ShiftLeft");
    assert.equal(sent.length, 4);
  }
});

test("a pedal that was put down by its button stays down when the window is left", () => {
  piano.pedalButton.click();
  page.happen("blur");
  assert.deepEqual(sent, [["pedal", true]]);
  piano.pedalButton.click();
  assert.deepEqual(sent, [["pedal", true], ["pedal", false]]);
});

test("what sounds from elsewhere is lit, and what is held here stays lit", () => {
  down("KeyA");
  piano.light(new Set([62]));
  assert.deepEqual([60, 62, 64].map(isHeld), [true, true, false]);
  up("KeyA");
  piano.light(new Set());
  assert.deepEqual([60, 62].map(isHeld), [false, false]);
});

test("the tones of the chord are marked in every octave that is shown", () => {
  piano.tones("Dm7");
  const marked = [...piano.buttons].filter(([, button]) => button.classList.contains("tone")).map(([pitch]) => pitch % 12);
  assert.deepEqual(new Set(marked), new Set([2, 5, 9, 0]));
  piano.tones("–");
  assert.equal([...piano.buttons.values()].some((button) => button.classList.contains("tone")), false);
});

test("the way of a key and back is told once for each press", () => {
  piano.heard(60);
  assert.equal(piano.figure.textContent, "– ms");
  down("KeyA");
  piano.heard(60);
  piano.heard(60);
  assert.match(piano.figure.textContent, /^\d+ ms$/);
  assert.equal(piano.latency.values.length, 1);
});

test("arrow keys walk over the keys in the order of their pitches, space and enter play the one that has the focus", () => {
  piano.buttons.get(60).focus();
  const walk = (code, more = {}) => piano.keyboard.listeners.get("keydown").forEach((listener) => listener({ code, preventDefault() {}, ...more }));
  walk("ArrowRight");
  assert.equal(document.activeElement, piano.buttons.get(61));
  walk("ArrowLeft");
  walk("Space");
  walk("Space", { repeat: true });
  piano.keyboard.listeners.get("keyup").forEach((listener) => listener({ code: "Space" }));
  assert.deepEqual(sent, [[60, 84], [60, 0]]);
});

test("a key that is refused is said, its end is not", async () => {
  piano.link = { do: async () => { throw new Error("no composerd answers"); } };
  down("KeyA");
  up("KeyA");
  await new Promise((done) => setImmediate(done));
  assert.equal(page.textContent, "no composerd answers");
});
