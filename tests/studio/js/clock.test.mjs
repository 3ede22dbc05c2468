import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockEstimate, Median, beatAt, lastBeat, secondAt } from "../../../daemon/composerd/studio/static/js/clock.js";

test("the quickest message tells the other clock best", () => {
  const clock = new ClockEstimate();
  for (const [second, here] of [[100, 5.2], [101, 6.01], [102, 7.4]]) clock.hear(second, here);
  assert.ok(Math.abs(clock.second(8) - 102.99) < 1e-9);
});

test("a clock of which nothing was heard is this page's own", () => {
  const clock = new ClockEstimate();
  assert.equal(clock.second(8), 8);
  clock.hear(100, 5);
  clock.forget();
  assert.equal(clock.second(8), 8);
});

test("a clock that drifts is followed: old messages are forgotten", () => {
  const clock = new ClockEstimate();
  for (let i = 0; i < 2000; i++) clock.hear(100 + i, 5 + i * 1.001);
  assert.ok(Math.abs(clock.second(5 + 2000 * 1.001) - 2100) < 0.5);
});

test("a tempo line says the beat of a second and the second of a beat", () => {
  const line = { at: 10, beat: 4, bpm: 120 };
  assert.equal(beatAt(line, 11), 6);
  assert.equal(secondAt(line, 6), 11);
});

test("a median is of the last values", () => {
  const median = new Median(3);
  assert.equal(median.value, null);
  for (const value of [100, 5, 7, 6]) median.add(value);
  assert.equal(median.value, 6);
});

test("a roll that steps shows the second of the last beat", () => {
  const line = { at: 10, beat: 4, bpm: 120 };
  assert.equal(lastBeat(line, 10.4), 10);
  assert.equal(lastBeat(line, 10.5), 10.5);
  assert.equal(lastBeat(line, 9.9), 9.5);
});
