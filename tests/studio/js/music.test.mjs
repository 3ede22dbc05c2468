import assert from "node:assert/strict";
import { test } from "node:test";
import { KITS, chordTones, families, hertz, instrument, isBlack, minutes, pitchName } from "../../../daemon/composerd/studio/static/js/music.js";

test("pitches are named with their octave, middle C is C4", () => {
  const names = [[0, "C-1"], [21, "A0"], [60, "C4"], [61, "D♭4"], [66, "F♯4"], [70, "B♭4"], [71, "B4"], [108, "C8"], [127, "G9"]];
  for (const [pitch, name] of names) assert.equal(pitchName(pitch), name);
});

test("five keys of an octave are black", () => {
  assert.deepEqual([...Array(12).keys()].filter((one) => isBlack(60 + one)), [1, 3, 6, 8, 10]);
});

test("a chord's name gives its tones, its bass does not", () => {
  const chords = [["C", [0, 4, 7]], ["F♯m7b5", [6, 9, 0, 4]], ["B♭7/D", [10, 2, 5, 8]], ["E♭maj7", [3, 7, 10, 2]], ["Gsus4", [7, 0, 2]], ["Baug", [11, 3, 7]], ["Am6/E", [9, 0, 4, 6]]];
  for (const [name, tones] of chords) assert.deepEqual(chordTones(name), tones, name);
});

test("what is no chord has no tones", () => {
  for (const name of ["", "N.C.", "?", "H", "C13", "c", "Cfoo", "/E", "C♯"]) assert.deepEqual(chordTones(name), [], name);
});

test("General MIDI's programs have names, and a drummer's programs are kits", () => {
  const named = [[0, "Grand piano"], [7, "Clavinet"], [8, "Celesta"], [24, "Nylon guitar"], [32, "Double bass"], [33, "Finger bass"], [40, "Violin"], [47, "Timpani"], [56, "Trumpet"], [65, "Alto sax"], [73, "Flute"], [127, "Gunshot"]];
  for (const [program, name] of named) assert.equal(instrument(program), name);
  assert.equal(instrument(0, true), "Standard kit");
  assert.equal(instrument(40, true), KITS[40]);
  assert.equal(instrument(1, true), "program 1");
  assert.equal(instrument(128), "program 128");
});

test("the families hold every program once", () => {
  assert.equal(families().length, 16);
  assert.deepEqual(families().flatMap(([, programs]) => programs), [...Array(128).keys()]);
  assert.deepEqual(families()[4], ["bass", [32, 33, 34, 35, 36, 37, 38, 39]]);
  const names = [...Array(128).keys()].map((program) => instrument(program));
  assert.equal(new Set(names).size, 128, "no two are called alike");
});

test("seconds are minutes and seconds", () => {
  for (const [seconds, text] of [[0, "0:00"], [9.9, "0:09"], [60, "1:00"], [83, "1:23"], [3599.99, "59:59"], [3600, "60:00"]]) assert.equal(minutes(seconds), text);
});

test("A4 is 440 hertz, and an octave is twice as many", () => {
  assert.equal(hertz(69), 440);
  assert.equal(hertz(81), 880);
  assert.ok(Math.abs(hertz(60) - 261.6256) < 1e-4);
});
