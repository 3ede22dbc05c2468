import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SmallElement, openPage } from "./small_dom.mjs";
import { nameOf } from "../../../daemon/composerd/studio/static/js/take.js";
import { Takes } from "../../../daemon/composerd/studio/static/js/takes.js";

const take = (name, more = {}) => ({ name, title: "", kept: false, started: "2020-03-04T05:06:00", genre: "pop", bytes: 9, roll: [[0, 60, 0, 1, 80]], seconds: 83, bpm: 119.7, tracks: ["melody", "drums"], ...more });
const picture = (name) => ({ ...take(name), metre: "3/4", notes: [[0, 60, 0, 1, 80], [1, 36, 1, 2, 90]], bars: [0, 1.5] });
let page, takes, answers, asked, opened;
const settle = async () => { for (let turn = 0; turn < 40; turn++) await Promise.resolve(); };

beforeEach(async () => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  SmallElement.prototype.pause = function () { this.paused = true; };
  SmallElement.prototype.play = async function () { this.paused = false; };
  Object.assign(globalThis, { cancelAnimationFrame() {}, requestAnimationFrame: () => 1 });
  opened = [];
  globalThis.URL.createObjectURL = (blob) => { opened.push(blob); return `blob:${opened.length}`; };
  globalThis.URL.revokeObjectURL = () => { opened.pop(); };
  asked = [];
  answers = { takes: [take("two", { title: "Waltz", kept: true }), take("one")], take: ({ name }) => picture(name), accompaniments: [], delete_take: {}, restore_take: {}, keep_take: {}, rename_take: {}, take_file: { name: "one.mid", blob: "bytes" } };
  const ask = async (word, fields) => {
    asked.push([word, fields]);
    const answer = answers[word];
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(fields) : answer;
  };
  takes = new Takes({ ask }, { options: [{ value: "pop", text: "Pop" }] });
  await takes.enter();
});
const said = () => page.children.map((one) => one.all("span")[0].textContent);

test("a take is called by its title, else by when it was played", () => {
  assert.equal(nameOf(take("x", { title: "Waltz" })), "Waltz");
  assert.match(nameOf(take("x")), /2020/);
  const now = new Date();
  assert.doesNotMatch(nameOf(take("x", { started: now.toISOString() })), new RegExp(String(now.getFullYear())), "this year is not named");
});

test("each take is listed with genre, length and tempo, and whether it is kept", () => {
  assert.deepEqual(takes.list.all("small").map((one) => one.textContent), ["pop · 1:23 · 120 bpm", "pop · 1:23 · 120 bpm"]);
  assert.deepEqual(takes.list.querySelectorAll("span.pill").map((one) => one.textContent), ["kept"]);
});

test("what a take's file does not tell is left out", async () => {
  answers.takes = [take("one", { seconds: undefined, bpm: undefined, tracks: undefined, roll: [] })];
  await takes.enter();
  assert.equal(takes.list.all("small")[0].textContent, "pop");
});

test("without takes the page says how they come about", async () => {
  answers.takes = [];
  await takes.enter();
  assert.match(takes.list.textContent, /Every performance is recorded/);
});

test("of two takes that were chosen the later one is shown, and the one before takes no clicks", async () => {
  const waiting = [];
  answers.take = ({ name }) => new Promise((answer) => waiting.push(() => answer(picture(name))));
  const both = [takes.choose("two"), takes.choose("one")];
  await settle();
  assert.equal(takes.place.inert, true);
  waiting[1]();
  waiting[0]();
  await Promise.all(both);
  assert.equal(takes.look.take.name, "one");
  assert.equal(takes.place.inert, false);
});

test("a take that is shown is not asked for again", async () => {
  await takes.choose("one");
  const before = asked.length;
  await takes.choose("one");
  assert.equal(asked.slice(before).some(([word]) => word === "take"), false);
});

test("a take that cannot be read leaves the one before on the page", async () => {
  await takes.choose("one");
  answers.take = new Error("is gone");
  await takes.choose("two");
  assert.deepEqual(said(), ["is gone"]);
  assert.deepEqual([takes.look.take.name, takes.wanted, takes.place.inert], ["one", "one", false]);
});

test("its facts, parts and files stand under its picture", async () => {
  await takes.choose("one");
  assert.deepEqual(takes.place.querySelectorAll("span.pill").map((one) => one.textContent), ["pop", "1:23", "120 bpm", "3/4", "2 bars"]);
  for (const label of ["Show melody", "Show drums", "Download MIDI", "Download MusicXML", "Download WAV", "Download FLAC"]) assert.ok(takes.place.button(label), label);
});

test("a part is hidden and shown again", async () => {
  await takes.choose("one");
  const part = takes.place.button("Show drums");
  part.click();
  assert.deepEqual([[...takes.look.hidden], part.getAttribute("aria-pressed")], [[1], "false"]);
  part.click();
  assert.deepEqual([[...takes.look.hidden], part.getAttribute("aria-pressed")], [[], "true"]);
});

test("a closer look shows a part of the take, moved along by its slider", async () => {
  await takes.choose("one");
  assert.deepEqual(takes.look.span(), { from: 0, to: 83 });
  takes.place.button("4×").click();
  takes.look.scroll.enter("1000", "input");
  assert.deepEqual(takes.look.span(), { from: 83 * 0.75, to: 83 });
  assert.equal(takes.look.scroll.hidden, false);
});

test("keeping and naming a take are told to the studio, and a refusal to the user", async () => {
  await takes.choose("one");
  takes.place.button("Keep when space runs out").click();
  takes.place.all("input")[0].enter("My tune");
  await settle();
  const told = asked.filter(([word]) => word.endsWith("_take"));
  assert.deepEqual(told, [["keep_take", { name: "one", on: true }], ["rename_take", { name: "one", title: "My tune" }]]);
  answers.keep_take = new Error("the disk is full");
  takes.place.button("Keep when space runs out").click();
  await settle();
  assert.deepEqual(said(), ["the disk is full"]);
});

test("a take that is deleted is no longer shown and can be brought back", async () => {
  await takes.choose("one");
  takes.place.button("Delete").click();
  await settle();
  assert.deepEqual([takes.look, takes.place.textContent], [null, "Choose a take."]);
  page.button("Undo").click();
  await settle();
  assert.deepEqual(asked.filter(([word]) => word.endsWith("_take")), [["delete_take", { name: "one" }], ["restore_take", { name: "one" }]]);
});

test("a take that cannot be deleted stays", async () => {
  await takes.choose("one");
  answers.delete_take = new Error("not allowed");
  takes.place.button("Delete").click();
  await settle();
  assert.equal(takes.look.take.name, "one");
  assert.deepEqual(said(), ["not allowed"]);
});

test("a sound is rendered when it is asked for, and its memory is given back with the next take", async () => {
  await takes.choose("one");
  takes.look.listen.click();
  assert.equal(takes.look.listen.textContent, "Rendering …");
  await settle();
  assert.deepEqual([takes.look.audio.hidden, takes.look.listen.hidden, opened.length], [false, true, 1]);
  await takes.choose("two");
  assert.equal(opened.length, 0);
});

test("a sound that cannot be rendered can be asked for again", async () => {
  await takes.choose("one");
  answers.take_file = new Error("no SoundFont");
  takes.look.listen.click();
  await settle();
  assert.deepEqual([takes.look.listen.textContent, takes.look.listen.disabled, said()], ["Listen", false, ["no SoundFont"]]);
});

test("new takes come into the list by themselves, until the page is left", async () => {
  answers.takes = [take("three"), ...answers.takes];
  mock.timers.tick(5000);
  await settle();
  assert.equal(takes.list.all("button").length, 3);
  takes.leave();
  const before = asked.length;
  mock.timers.tick(60000);
  await settle();
  assert.equal(asked.length, before);
});
