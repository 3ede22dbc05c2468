import assert from "node:assert/strict";
import { test } from "node:test";
import { KEPT, Score, chordNow, lane, rangeOf } from "../../../daemon/composerd/studio/static/js/score.js";

const outlook = { at: 10, bpm: 120, beat: 4, bar: 2, bar_at: 4, bar_beats: 4, pulse_beats: 1, key: "C major",
  notes: [[1, 40, 5, 6, 90], [1, 43, 3, 4.5, 90]], chords: [[4, 4, "C", 1], [8, 4, "F", 0.6]] };

test("a note sounds until its end is told", () => {
  const score = new Score();
  score.add([[1, 0, 36, 90, 0]]);
  assert.equal(score.notes[0].off, null);
  score.add([[1.5, 0, 36, 0, 1]]);
  assert.equal(score.notes[0].off, 1.5);
});

test("a note that is struck again ends there", () => {
  const score = new Score();
  score.add([[1, 0, 36, 90, 0], [2, 0, 36, 80, 1]]);
  assert.deepEqual(score.notes.map((note) => note.off), [2, null]);
});

test("what is planned lies at its second, what sounds already is not planned", () => {
  const score = new Score();
  score.look(outlook);
  assert.deepEqual(score.ahead.map((note) => [note.pitch, note.on, note.off]), [[40, 10.5, 11]]);
  score.look({ ...outlook, beat: null });
  assert.deepEqual(score.ahead, []);
});

test("bar lines and chords that have begun are remembered once", () => {
  const score = new Score();
  score.look(outlook);
  score.look({ ...outlook, at: 10.5, beat: 5 });
  assert.deepEqual(score.bars, [{ second: 10, bar: 2 }]);
  assert.deepEqual(score.chords, [{ second: 10, name: "C" }]);
});

test("when notes were lost nothing sounds for ever", () => {
  const score = new Score();
  score.add([[1, null, 60, 90, 0]]);
  score.lose(3);
  assert.equal(score.notes[0].off, 3);
  assert.equal(score.sounding.size, 0);
});

test("what is long past is forgotten, however much is played", () => {
  const score = new Score();
  for (let i = 0; i < 20000; i++) score.add([[i / 100, 0, 36 + i % 20, 90, 0], [i / 100 + 0.05, 0, 36 + i % 20, 0, 0]]);
  score.forget(200);
  assert.ok(score.notes.length <= KEPT * 100 + 200);
  assert.ok(score.notes[0].off >= 200 - KEPT - 1);
});

test("a range only grows, by half octaves", () => {
  assert.deepEqual(rangeOf([], [48, 78]), [48, 78]);
  assert.deepEqual(rangeOf([{ pitch: 30 }, { pitch: 80 }], [48, 78]), [24, 84]);
});

test("a chord that is planned anew before it is heard is forgotten, and its neighbours are one", () => {
  const score = new Score();
  const look = (/** @type {number} */ at, /** @type {string} */ name) =>
    score.look({ at, bpm: 60, beat: at, bar: 1, bar_at: 0, bar_beats: 4, pulse_beats: 1, notes: [], chords: [[Math.floor(at), 4, name, 1]], key: "" });
  look(0, "Dm");
  look(2, "F");
  look(2.05, "Dm");
  look(4, "G");
  assert.deepEqual(score.chords.map((chord) => chord.name), ["Dm", "G"]);
});

const named = (chords) => chords.map((chord) => [chord.name, chord.coming]);

test("the chord lane shows what sounded and what is planned, each with its end", () => {
  const shown = lane([{ second: 8, name: "G" }, { second: 10, name: "C" }], outlook, 10.5);
  assert.deepEqual(shown.map((chord) => [chord.name, chord.from, chord.until, chord.coming]), [["G", 8, 10, false], ["C", 10, 12, false], ["F", 12, 70.5, true]]);
  assert.deepEqual(lane([{ second: 8, name: "G" }], null, 10).map((chord) => chord.until), [10], "at rest it ends now");
});

test("the chord lane never shows one chord twice in a row", () => {
  const past = [{ second: 8, name: "C" }, { second: 9.95, name: "F" }, { second: 10, name: "C" }];
  assert.deepEqual(named(lane(past, outlook, 10.5)), [["C", false], ["F", true]], "one too short to be seen is left out");
  const again = { ...outlook, chords: [[4, 2, "C", 1], [6, 2, "C", 0.5], [8, 0.05, "F", 0.5], [8.05, 4, "C", 0.5], [12, 4, "G", 0.5]] };
  assert.deepEqual(named(lane([{ second: 10, name: "C" }], again, 10.5)), [["C", false], ["G", true]]);
});

test("the chord now is the plan's, none between chords or at rest", () => {
  assert.equal(chordNow(outlook), "C");
  assert.equal(chordNow({ ...outlook, beat: 8 }), "F");
  assert.equal(chordNow({ ...outlook, beat: 20 }), "");
  assert.equal(chordNow({ ...outlook, beat: null }), "");
});

test("a note that never ends is taken to have ended, and what sounds is kept while it does", () => {
  const score = new Score();
  score.add([[1, 0, 36, 90, 0], [25, 0, 40, 90, 0]]);
  score.forget(30);
  assert.deepEqual(score.notes.map((note) => note.off), [null, null]);
  score.forget(32);
  assert.deepEqual(score.notes.map((note) => note.off), [32, null]);
  assert.deepEqual([...score.sounding.keys()], ["0/40"]);
});

test("equal pitches of player and parts are notes of their own", () => {
  const score = new Score();
  score.add([[1, null, 60, 90, 0], [1, 0, 60, 80, 0], [1, 1, 60, 70, 0], [2, 0, 60, 0, 1]]);
  assert.deepEqual(score.notes.map((note) => [note.part, note.off]), [[null, null], [0, 2], [1, null]]);
  assert.deepEqual([...score.struck], [["null", 1], ["0", 1], ["1", 1]]);
});

test("an end that comes before its beginning, as clocks may have it, leaves no note of negative length", () => {
  const score = new Score();
  score.add([[2, 0, 36, 90, 0], [1.9, 0, 36, 0, 0]]);
  assert.equal(score.notes[0].off, 2);
  score.add([[3, 0, 36, 90, 0]]);
  score.lose(2.5);
  assert.equal(score.notes[1].off, 3);
});

test("bars and chords long past are forgotten, but not the chord that still sounds", () => {
  const score = new Score();
  for (let bar = 0; bar < 100; bar++)
    score.look({ ...outlook, at: 2 * bar, beat: 4 * bar, bar: bar + 1, bar_at: 4 * bar, chords: [[4 * bar, 4, bar % 2 ? "C" : "F", 1]] });
  score.forget(198);
  assert.ok(score.bars.every((bar) => bar.second >= 198 - KEPT));
  assert.ok(score.chords[1].second >= 198 - KEPT);
  score.forget(9999);
  assert.equal(score.chords.length, 1);
});

test("a cleared score holds nothing", () => {
  const score = new Score();
  score.add([[1, 0, 36, 90, 0]]);
  score.look(outlook);
  score.clear();
  assert.deepEqual([score.notes, score.ahead, score.bars, score.chords, score.sounding.size, score.struck.size], [[], [], [], [], 0, 0]);
});

test("a lane without past or plan is empty, and a plan alone begins where it comes", () => {
  assert.deepEqual(lane([], null, 5), []);
  assert.deepEqual(lane([], { ...outlook, beat: null }, 5), []);
  assert.deepEqual(lane([], outlook, 9).map((chord) => [chord.name, chord.coming, chord.sure]), [["C", true, 1], ["F", true, 0.6]]);
});

test("whatever is heard, notes are in order of their beginnings and none ends before it", () => {
  let seed = 7;
  const dice = (sides) => (seed = (seed * 1103515245 + 12345) % 2147483648) % sides;
  const score = new Score();
  let struck = 0;
  for (let turn = 0; turn < 3000; turn++) {
    const velocity = dice(2) * 90;
    struck += velocity > 0;
    score.add([[turn / 50, [null, 0, 1][dice(3)], 60 + dice(5), velocity, 0]]);
  }
  assert.equal(score.notes.length, struck);
  score.notes.forEach((note, index) => {
    assert.ok(note.off === null || note.off >= note.on);
    assert.ok(index === 0 || score.notes[index - 1].on <= note.on);
  });
  const open = score.notes.filter((note) => note.off === null);
  assert.deepEqual(new Set(open), new Set(score.sounding.values()));
});
