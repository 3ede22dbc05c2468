import assert from "node:assert/strict";
import { test } from "node:test";
import { labelOf, layout, pitchOf, velocityAt } from "../../../daemon/composerd/studio/static/js/keys.js";
import { read } from "../../../daemon/composerd/studio/static/js/midi.js";
import { chordTones, families, instrument, isBlack, minutes, pitchName } from "../../../daemon/composerd/studio/static/js/music.js";

test("the middle row of a computer's keys plays the white keys from C", () => {
  assert.deepEqual(["KeyA", "KeyS", "KeyD", "KeyF"].map((code) => pitchOf(code, 60)), [60, 62, 64, 65]);
  assert.equal(pitchOf("KeyW", 60), 61);
  assert.equal(pitchOf("Space", 60), null);
  assert.equal(pitchOf("Quote", 120), null);
  assert.equal(labelOf(61, 60), "W");
});

test("white keys share the width and black ones lie between them", () => {
  const keys = layout(60, 7);
  assert.deepEqual(keys.filter((key) => !key.black).map((key) => key.pitch), [60, 62, 64, 65, 67, 69, 71]);
  assert.deepEqual(keys.filter((key) => key.black).map((key) => key.pitch), [61, 63, 66, 68, 70]);
  for (const key of keys) {
    assert.equal(isBlack(key.pitch), key.black);
    assert.ok(key.left >= 0 && key.left + key.width <= 1 + 1e-9);
  }
});

test("a key is struck harder near the player", () => {
  assert.ok(velocityAt(0) < velocityAt(0.5) && velocityAt(0.5) < velocityAt(1));
  for (const share of [-9, 0, 1, 9]) assert.ok(velocityAt(share) >= 1 && velocityAt(share) <= 127);
});

test("MIDI messages are keys and the pedal, and nothing else", () => {
  const heard = [];
  const hear = (bytes) => read(bytes && new Uint8Array(bytes), (pitch, velocity) => heard.push([pitch, velocity]), (down) => heard.push(down));
  for (const bytes of [[0x95, 60, 90], [0x90, 60, 0], [0x80, 61, 64], [0xb0, 64, 127], [0xb0, 64, 0], [0xb0, 7, 100], [0xf8], [], null]) hear(bytes);
  assert.deepEqual(heard, [[60, 90], [60, 0], [61, 0], true, false]);
});

test("names of pitches, chords and instruments", () => {
  assert.equal(pitchName(60), "C4");
  assert.deepEqual(chordTones("Dm7"), [2, 5, 9, 0]);
  assert.deepEqual(chordTones("B♭/D"), [10, 2, 5]);
  assert.deepEqual(chordTones("–"), []);
  assert.equal(instrument(32), "Double bass");
  assert.equal(instrument(127), "Gunshot");
  assert.equal(instrument(40, true), "Brush kit");
  assert.equal(instrument(1, true), "program 1");
  assert.deepEqual(families().flatMap(([, programs]) => programs), [...Array(128).keys()]);
  assert.equal(new Set(families().flatMap(([, programs]) => programs).map((one) => instrument(one))).size, 128);
  assert.equal(minutes(83.4), "1:23");
});

test("a piano of any first white key and size has every pitch once, its black keys over the gap between their neighbours", () => {
  for (const first of [21, 41, 48, 59, 60, 64, 65])
    for (const whites of [1, 2, 7, 14, 29]) {
      const keys = layout(first, whites);
      const pitches = keys.map((key) => key.pitch).sort((a, b) => a - b);
      assert.deepEqual(pitches, [...Array(pitches.length).keys()].map((step) => first + step));
      const at = new Map(keys.map((key) => [key.pitch, key]));
      assert.equal(keys.filter((key) => !key.black).length, whites);
      for (const key of keys.filter((one) => one.black)) {
        const gap = at.get(key.pitch + 1).left;
        assert.ok(key.left < gap && gap < key.left + key.width);
      }
    }
});

test("each key of the rows has its letter, and what lies beyond MIDI's range has no pitch", () => {
  for (let pitch = 48; pitch < 66; pitch++) assert.notEqual(labelOf(pitch, 48), "");
  assert.deepEqual([labelOf(47, 48), labelOf(66, 48)], ["", ""]);
  assert.equal(pitchOf("KeyA", 127), 127);
  assert.equal(pitchOf("KeyW", 127), null);
});

test("times are minutes and seconds, of any length", () => {
  assert.deepEqual([0, 0.99, 59.99, 60, 3599, 3600].map(minutes), ["0:00", "0:00", "0:59", "1:00", "59:59", "60:00"]);
});
