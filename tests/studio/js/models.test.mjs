import assert from "node:assert/strict";
import { test } from "node:test";
import { byEpoch, grouped } from "../../../daemon/composerd/studio/static/js/models.js";
import { counted, currentValue, title } from "../../../daemon/composerd/studio/static/js/controls.js";
import { hertz, isBlack, pitchName } from "../../../daemon/composerd/studio/static/js/music.js";

test("a card's columns are curves over its epochs, without the gaps", () => {
  assert.deepEqual(byEpoch({ epoch: [5, 10, 15], loss: [3, null, 1], "closure jam": [null, null, 0.9] }), {
    loss: [[5, 3], [15, 1]], "closure jam": [[15, 0.9]],
  });
});

test("a card without epochs counts them from one", () => {
  assert.deepEqual(byEpoch({ loss: [3, 2] }), { loss: [[1, 3], [2, 2]] });
  assert.deepEqual(byEpoch({}), {});
});

test("curves of one first word are drawn together, single ones as losses", () => {
  const curves = { loss: [[1, 3]], "closure jam": [[1, 0.5]], "closure phrase": [[1, 0.6]], discriminator: [[1, 2]] };
  assert.deepEqual(grouped(curves), [
    ["losses", { loss: [[1, 3]], discriminator: [[1, 2]] }],
    ["closure", { jam: [[1, 0.5]], phrase: [[1, 0.6]] }],
  ]);
  assert.deepEqual(grouped({}), []);
});

test("a command's word is written as a title, a count with its noun", () => {
  assert.equal(title("next_section"), "Next section");
  assert.equal(title(""), "");
  assert.deepEqual([counted(1, "bar"), counted(0, "bar"), counted(2, "bar")], ["1 bar", "0 bars", "2 bars"]);
});

test("where a control stands is in the snapshot, the tempo's in its own place", () => {
  const snapshot = { bpm: 97.5, controls: { creativity: 0.3, follow: false } };
  assert.equal(currentValue(snapshot, { name: "creativity" }), 0.3);
  assert.equal(currentValue(snapshot, { name: "follow" }), false);
  assert.equal(currentValue(snapshot, { name: "tempo" }), 97.5);
  assert.equal(currentValue(snapshot, { name: "swing" }), undefined);
  assert.equal(currentValue({ bpm: 90 }, { name: "swing" }), undefined);
});

test("pitches have names, colours and frequencies", () => {
  assert.deepEqual([0, 61, 127].map(pitchName), ["C-1", "D♭4", "G9"]);
  assert.deepEqual([...Array(12).keys()].filter(isBlack), [1, 3, 6, 8, 10]);
  assert.equal(hertz(69), 440);
  assert.ok(Math.abs(hertz(60) - 261.626) < 0.001);
});
