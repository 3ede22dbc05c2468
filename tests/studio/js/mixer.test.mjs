import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Loops } from "../../../daemon/composerd/studio/static/js/loops.js";
import { Mixer } from "../../../daemon/composerd/studio/static/js/mixer.js";

const GENRE = { parts: [
  { name: "drums", role: "drums", channel: 10, program: 0 }, { name: "bass", role: "bass", channel: 2, program: 33 },
  { name: "keys", role: "comp", channel: 3, program: 4 },
] };
let mixer, asked;
beforeEach(() => {
  openPage();
  asked = [];
  mixer = new Mixer({ do: async (word, fields) => { asked.push([word, fields]); } });
  mixer.build(GENRE);
});

test("each part has a strip, the band and all have a volume", () => {
  assert.deepEqual(mixer.strips.map((strip) => strip.name), ["drums", "bass", "keys", "band", "master"]);
  mixer.build({ parts: GENRE.parts.slice(0, 1) });
  assert.deepEqual(mixer.strips.map((strip) => strip.name), ["drums", "band", "master"]);
  mixer.clear();
  assert.deepEqual([mixer.strips, mixer.box.children], [[], []]);
});

test("a strip's switches and sliders are about its part", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const [, bass] = mixer.strips;
  bass.mute.click();
  bass.solo.click();
  bass.mute.click();
  bass.volume.input.enter(90, "input");
  bass.pan.input.enter(10, "input");
  mixer.strips.at(-1).volume.input.enter(100, "input");
  mock.timers.tick(1000);
  assert.deepEqual(asked, [
    ["mute", { part: "bass", on: true }], ["solo", { part: "bass", on: true }], ["mute", { part: "bass", on: false }],
    ["volume", { part: "bass", level: 90 }], ["pan", { part: "bass", place: 10 }], ["master_volume", { level: 100 }],
  ]);
  mock.timers.reset();
});

test("an instrument is chosen by its number, or left to the genre", () => {
  const { instrument } = mixer.strips[1];
  instrument.enter(38);
  instrument.enter("own");
  assert.deepEqual(asked, [["instrument", { part: "bass", program: 38 }], ["instrument", { part: "bass" }]]);
  assert.equal(instrument.options.length, 129);
  assert.equal(mixer.strips[0].instrument.options.length < 20, true, "drums have kits");
});

test("strips show what stands", () => {
  const [drums, bass] = mixer.strips, band = mixer.strips.at(-2);
  mixer.show({ controls: {
    mute: { drums: true }, solo: { bass: true }, volume: { bass: 90 }, pan: { bass: 10 }, band_volume: 77, instrument: { bass: 38, drums: 0 },
  } });
  assert.deepEqual([drums, bass].map((strip) => [strip.mute, strip.solo].map((one) => one.getAttribute("aria-pressed"))), [["true", "false"], ["false", "true"]]);
  assert.deepEqual([bass.volume.input.value, bass.pan.input.value, band.volume.input.value], ["90", "10", "77"]);
  assert.deepEqual([bass.instrument.value, drums.instrument.value], ["38", "own"]);
  document.activeElement = bass.instrument;
  mixer.show({ controls: { instrument: { bass: 40 } } });
  assert.equal(bass.instrument.value, "38", "not under the user's hand");
});

test("who is muted, or not among those that play alone, is not heard", () => {
  const silent = (controls) => [...mixer.silent({ controls })];
  assert.deepEqual(silent({}), []);
  assert.deepEqual(silent({ mute: { drums: true } }), [0]);
  assert.deepEqual(silent({ solo: { bass: true } }), [0, 2]);
  assert.deepEqual(silent({ solo: { bass: true, keys: true }, mute: { keys: true } }), [0, 2]);
  assert.deepEqual([...mixer.silent({})], []);
});

test("a meter rises with the loudest note and falls to nothing", () => {
  const [, bass] = mixer.strips;
  mixer.strike(1, 127);
  mixer.strike(1, 30);
  mixer.strike(9, 127);
  mixer.fall(0);
  assert.equal(bass.meter.style.transform, "scaleX(1.000)");
  let before = bass.level;
  for (let i = 0; i < 40; i++) {
    mixer.fall(0.1);
    assert.ok(bass.level <= before);
    before = bass.level;
  }
  assert.equal(bass.meter.style.transform, "");
  assert.ok(bass.level < 0.004);
});

test("a chord loop's slot turns its loop, once it forgets it after Clear was pressed, and shows what stands", () => {
  const loops = new Loops({ do: async (word, fields) => { asked.push([word, fields]); } }, ["1", "2", "3"]), [one, two] = loops.slots;
  two.click();
  loops.clear.click();
  two.click();
  two.click();
  loops.clear.click();
  loops.clear.click();
  one.click();
  assert.deepEqual(asked, [["chord_loop", { slot: "2" }], ["clear_loop", { slot: "2" }], ["chord_loop", { slot: "2" }], ["chord_loop", { slot: "1" }]]);
  const lit = (stands) => { loops.show({ controls: stands ? { chord_loop: stands } : {} }); return loops.slots.map((slot) => slot.getAttribute("aria-pressed")); };
  assert.deepEqual(lit("recording 2"), ["false", "true", "false"]);
  assert.deepEqual(lit("looping 1"), ["true", "false", "false"]);
  assert.deepEqual(lit("looping 12"), ["false", "false", "false"]);
  assert.deepEqual(lit(null), ["false", "false", "false"]);
  assert.equal(loops.state.textContent, "off");
});
