import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Now } from "../../../daemon/composerd/studio/static/js/now.js";

const OUTLOOK = { at: 10, bpm: 120, beat: 8, bar: 3, bar_at: 8, bar_beats: 4, pulse_beats: 1, key: "C major", notes: [], chords: [[8, 4, "C", 1]] };
let now;
beforeEach(() => {
  openPage();
  now = new Now();
});
const lit = () => now.lamps.children.map((lamp) => lamp.classList.contains("on"));

test("bar and beat follow the tempo's line between the news", () => {
  const places = [[10, "3.1"], [10.49, "3.1"], [10.5, "3.2"], [11.99, "3.4"], [12, "4.1"], [14.6, "5.2"]];
  for (const [second, text] of places) {
    now.beat(second, OUTLOOK);
    assert.equal(now.bar.textContent, text, `second ${second}`);
  }
  assert.deepEqual(lit(), [false, true, false, false]);
});

test("a bar of 6/8 has two beats, and one of 3/4 three", () => {
  now.beat(10.8, { ...OUTLOOK, bar_beats: 3, pulse_beats: 1.5 });
  assert.deepEqual([now.bar.textContent, lit()], ["3.2", [false, true]]);
  now.beat(11.2, { ...OUTLOOK, bar_beats: 3 });
  assert.deepEqual([now.bar.textContent, lit()], ["3.3", [false, false, true]]);
});

test("at rest and without a beat no lamp is on", () => {
  now.beat(10, OUTLOOK);
  now.beat(10, null);
  assert.deepEqual([now.bar.textContent, lit()], ["–", [false, false, false, false]]);
  now.beat(10, { ...OUTLOOK, beat: null });
  assert.equal(now.bar.textContent, "–");
});
