import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { read, startMidi } from "../../../daemon/composerd/studio/static/js/midi.js";

let heard;
beforeEach(() => { heard = []; });
const key = (pitch, velocity) => heard.push([pitch, velocity]);
const pedal = (down) => heard.push(down);
const listen = (...bytes) => read(Uint8Array.from(bytes), key, pedal);

test("keys of any channel are keys, and a note-on without velocity ends a note", () => {
  listen(0x90, 60, 80);
  listen(0x9f, 61, 127);
  listen(0x90, 60, 0);
  listen(0x8f, 61, 64);
  assert.deepEqual(heard, [[60, 80], [61, 127], [60, 0], [61, 0]]);
});

test("the sustain pedal is down from the middle of its way on", () => {
  for (const value of [0, 63, 64, 127]) listen(0xb3, 64, value);
  assert.deepEqual(heard, [false, false, true, true]);
});

test("all other messages, and messages that break off, are left out", () => {
  for (const bytes of [[], [0x90], [0x90, 60], [0xf8], [0xb0, 1, 90], [0xb0, 7, 100], [0xe0, 0, 64], [0xa0, 60, 50], [0xc0, 5], [0xd0, 5], [0xf0, 1, 2]]) listen(...bytes);
  read(null, key, pedal);
  assert.deepEqual(heard, []);
});

test("all keyboards are listened to, also one that is plugged in later", async () => {
  const inputs = new Map([["a", { name: "Piano" }], ["b", { name: null }]]), access = { inputs };
  Object.defineProperty(globalThis, "navigator", { value: { requestMIDIAccess: async () => access }, configurable: true });
  assert.deepEqual(await startMidi(key, pedal), ["Piano", "a keyboard"]);
  inputs.set("c", { name: "Pads" });
  access.onstatechange();
  for (const input of inputs.values()) input.onmidimessage({ data: Uint8Array.of(0x90, 60, 1) });
  assert.equal(heard.length, 3);
});

test("a browser that gives no access says so", async () => {
  Object.defineProperty(globalThis, "navigator", { value: { requestMIDIAccess: async () => { throw new Error("denied"); } }, configurable: true });
  await assert.rejects(startMidi(key, pedal), /denied/);
});
