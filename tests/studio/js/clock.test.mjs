import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockEstimate, Median, beatAt, lastBeat, secondAt } from "../../../daemon/composerd/studio/static/js/clock.js";

test("the quickest message tells the other clock best", () => {
  const clock = new ClockEstimate();
  for (const [second, here] of [[100, 5.2], [101, 6.01], [102, 7.4]]) clock.add(second, here);
  assert.ok(Math.abs(clock.second(8) - 102.99) < 1e-9);
});

test("a clock of which nothing was heard is this page's own", () => {
  const clock = new ClockEstimate();
  assert.equal(clock.second(8), 8);
  clock.add(100, 5);
  clock.forget();
  assert.equal(clock.second(8), 8);
});

test("a clock that drifts is followed: old messages are forgotten", () => {
  const clock = new ClockEstimate();
  for (let i = 0; i < 2000; i++) clock.add(100 + i, 5 + i * 1.001);
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

test("however late messages come, the clock is never ahead of the daemon's and as near as its quickest message", () => {
  let seed = 3;
  const delay = () => ((seed = (seed * 1103515245 + 12345) % 2147483648) % 200) / 1000;
  const clock = new ClockEstimate();
  let least = Infinity;
  for (let turn = 0; turn < 300; turn++) {
    const late = delay();
    least = Math.min(least, late);
    clock.add(1000 + turn, turn + late);
    const error = 1000 + 400 - clock.second(400);
    assert.ok(error > -1e-9 && Math.abs(error - least) < 1e-9);
  }
});

test("second and beat are each other's inverse at any tempo", () => {
  for (const bpm of [30, 97.5, 300])
    for (const second of [-3, 0, 10, 1234.5]) {
      const line = { at: 10, beat: 4, bpm };
      assert.ok(Math.abs(secondAt(line, beatAt(line, second)) - second) < 1e-9);
    }
});
