import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { SmallCanvas, openPage } from "./small_dom.mjs";
import { Roll, drawStill, redrawStills } from "../../../daemon/composerd/studio/static/js/roll.js";
import { Score } from "../../../daemon/composerd/studio/static/js/score.js";

const WIDTH = 780, HEIGHT = 400, NOW = Math.round(WIDTH * 0.64);
const OUTLOOK = { at: 10, bpm: 120, beat: 4, bar: 2, bar_at: 4, bar_beats: 4, pulse_beats: 1, key: "C major",
  notes: [[1, 60, 5, 6, 90]], chords: [[4, 4, "C", 1], [8, 4, "F", 0.6]] };
let canvas, score, roll;
beforeEach(() => {
  openPage();
  canvas = new SmallCanvas(WIDTH, HEIGHT);
  score = new Score();
  roll = new Roll(canvas, score);
});

test("the past lies before the now-line, the planned behind it, as far away as it is in time", () => {
  score.add([[8, 0, 60, 90, 0], [9, 0, 60, 0, 1]]);
  score.look(OUTLOOK);
  roll.draw(10, OUTLOOK);
  const scale = WIDTH / roll.span(WIDTH), [past] = canvas.of("--p0"), [ahead] = canvas.of("--p1");
  assert.ok(Math.abs(past.x - (NOW - 2 * scale)) < 1 && Math.abs(past.x + past.w - (NOW - scale)) < 2);
  assert.ok(Math.abs(ahead.x - (NOW + 0.5 * scale)) < 1 && ahead.alpha < past.alpha);
  assert.equal(past.y, ahead.y, "one pitch, one row");
});

test("higher notes lie higher, the player's before the band's, and all between chords and drums", () => {
  roll.drums = new Set([2]);
  score.add([[9, 0, 40, 90, 0], [9, null, 76, 90, 0], [9, 2, 36, 90, 0], [9, 2, 49, 90, 0]]);
  roll.draw(10, null);
  const [low] = canvas.of("--p0"), [high] = canvas.of("--you"), [kick, , crash] = canvas.of("--p2");
  assert.ok(high.y < low.y);
  assert.ok(canvas.boxes.indexOf(high) > canvas.boxes.indexOf(low));
  for (const box of [low, high]) assert.ok(box.y >= 26 && box.y + box.h < kick.y);
  assert.ok(crash.y < kick.y && kick.y + kick.h <= HEIGHT);
});

test("what sounds glows up to now, what is over does not", () => {
  score.add([[8, 0, 60, 90, 0], [8, 1, 64, 90, 0], [8.5, 1, 64, 0, 1]]);
  roll.draw(10, null);
  assert.equal(canvas.of("--p0").length, 2);
  assert.ok(Math.abs(canvas.of("--p0")[0].x + canvas.of("--p0")[0].w - NOW) < 2);
  assert.equal(canvas.of("--p1").length, 1);
});

test("what lies outside of the picture is not drawn", () => {
  score.add([[1, 0, 60, 90, 0], [2, 0, 60, 0, 1], [99, 1, 60, 90, 0]]);
  roll.draw(50, null);
  assert.deepEqual([canvas.of("--p0").length, canvas.of("--p1").length], [0, 0]);
});

test("bars to come are numbered on from the one that is played, and chords are named where there is room", () => {
  score.look(OUTLOOK);
  roll.draw(10.5, OUTLOOK);
  assert.deepEqual(canvas.texts.map((one) => one.text).filter((text) => /^\d+$/.test(text)), ["2", "3", "4"]);
  assert.deepEqual(canvas.texts.map((one) => one.text).filter((text) => /^[CF]$/.test(text)), ["C", "F"]);
});

test("a still picture holds every note that is not hidden within its edges", () => {
  const notes = [[0, 1, 60, 90, 0], [1, 1, 30, 90, 1], [2, 1, 100, 90, 1], [3, 1, 36, 90, 2]];
  drawStill(canvas, notes, { seconds: 4, tracks: ["melody", "bass", "drums"] });
  for (const [colour, count] of [["--you", 1], ["--p0", 2], ["--p1", 1]]) {
    assert.equal(canvas.of(colour).length, count);
    for (const box of canvas.of(colour)) assert.ok(box.x >= 0 && box.x + box.w <= WIDTH && box.y >= 0 && box.y + box.h <= HEIGHT);
  }
  const bass = new SmallCanvas(WIDTH, HEIGHT);
  drawStill(bass, notes, { seconds: 4, hidden: new Set([0, 2]) });
  assert.deepEqual([bass.of("--you").length, bass.of("--p0").length, bass.of("--p1").length], [0, 2, 0]);
});

test("a part of a still picture fills it, with the moment that is heard", () => {
  drawStill(canvas, [[0, 1, 60, 90, 0], [2, 1, 60, 90, 0], [9, 1, 60, 90, 0]], { seconds: 10, from: 2, to: 4, at: 3, bars: [0, 2, 4, 6], labels: true });
  assert.deepEqual(canvas.of("--you").map((box) => [box.x, Math.round(box.w)]), [[0, WIDTH / 2]]);
  assert.equal(canvas.of("--gold")[0].x, WIDTH / 2 - 1);
  assert.deepEqual(canvas.texts.map((one) => one.text), ["2", "3"]);
});

test("a picture of two hundred thousand notes and one of none are drawn", () => {
  drawStill(canvas, Array.from({ length: 200_000 }, (_, index) => [index / 10, 0.1, 36 + index % 60, 90, 0]), { seconds: 20_000 });
  assert.equal(canvas.of("--you").length, 200_000);
  const empty = new SmallCanvas(200, 60);
  drawStill(empty, [], { seconds: 0 });
  assert.equal(empty.boxes.length, 1);
});

test("pictures that are on the page are drawn again in another theme, others are forgotten", () => {
  const gone = new SmallCanvas(200, 60);
  for (const one of [canvas, gone]) drawStill(one, [[0, 1, 60, 90, 0]], { seconds: 4 });
  gone.isConnected = false;
  redrawStills();
  gone.isConnected = true;
  redrawStills();
  assert.deepEqual([canvas.of("--you").length, gone.of("--you").length], [3, 1]);
});
