import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SmallElement, openPage } from "./small_dom.mjs";
import { Sets } from "../../../daemon/composerd/studio/static/js/sets.js";

const FOUND = { sets: [{ name: "Saturday", entries: ["blues", "waltz", "blues"] }, { name: "broken", entries: [], problem: "cannot be read" }], presets: ["loud"], entries: ["blues", "loud", "waltz"] };
let page, link, sets, place, answers, asked, done;
const settle = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };

beforeEach(async () => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  done = [];
  answers = { sets: structuredClone(FOUND), save_set: {}, remove_set: {}, restore_set: {} };
  link = {
    snapshot: null,
    ask: async (word, fields) => { asked.push([word, fields]); if (answers[word] instanceof Error) throw answers[word]; return answers[word]; },
    do: async (word, fields) => { done.push([word, fields]); if (answers[word] instanceof Error) throw answers[word]; },
  };
  place = new SmallElement("section");
  sets = new Sets(link, place);
  await sets.enter();
});
const entries = () => place.querySelectorAll("ol.entries")[0].all("li").map((one) => one.firstElementChild.textContent);
const said = () => page.children.map((one) => one.all("span")[0].textContent);

test("set lists and presets are listed, one that cannot be read with what is wrong", () => {
  assert.deepEqual(sets.sets.all("small").map((one) => one.textContent), ["blues, waltz, blues", "cannot be read"]);
  assert.deepEqual(sets.presets.all("b").map((one) => one.textContent), ["loud"]);
});

test("where there are none the page says what they are for", async () => {
  answers.sets = { sets: [], presets: [], entries: [] };
  await sets.enter();
  assert.match(sets.sets.textContent, /None yet/);
  assert.match(sets.presets.textContent, /None yet/);
});

test("entries can be played while their set list is open, and the current one is lit", () => {
  sets.look(FOUND.sets[0]);
  const buttons = place.querySelector("ol.entries").all("button");
  assert.deepEqual(buttons.map((one) => one.disabled), [true, true, true]);
  link.snapshot = { controls: { set_list: "Saturday", entry: 2 } };
  sets.light();
  assert.deepEqual(buttons.map((one) => one.disabled), [false, false, false]);
  assert.deepEqual(place.querySelector("ol.entries").all("li").map((one) => one.classList.contains("lit")), [false, true, false]);
  buttons[2].click();
  assert.deepEqual(done, [["entry", { number: 3 }]]);
  link.snapshot = { controls: { set_list: "Sunday", entry: 2 } };
  sets.light();
  assert.equal(place.querySelector("button.leave-set").hidden, true);
});

test("a set list is opened, left and walked through", () => {
  sets.look(FOUND.sets[0]);
  for (const text of ["Open this set list", "Close it", "Previous song", "Next song"]) place.button(text).click();
  assert.deepEqual(done, [["set_list", { name: "Saturday" }], ["set_list", { name: "none" }], ["previous_song", {}], ["next_song", {}]]);
});

test("entries are moved, taken out and added, and nothing is written before it is saved", async () => {
  sets.edit("Saturday", ["blues", "waltz", "loud"]);
  assert.equal(place.button("blues earlier").getAttribute("disabled"), "");
  place.button("loud earlier").click();
  assert.deepEqual(entries(), ["blues", "loud", "waltz"]);
  place.button("blues out").click();
  assert.deepEqual(entries(), ["loud", "waltz"]);
  place.all("select")[0].enter("blues");
  place.button("Add").click();
  assert.deepEqual(entries(), ["loud", "waltz", "blues"]);
  assert.equal(asked.some(([word]) => word === "save_set"), false);
  place.button("Save set list").click();
  await settle();
  assert.deepEqual(asked.filter(([word]) => word !== "sets"), [["save_set", { name: "Saturday", entries: ["loud", "waltz", "blues"], before: "Saturday" }]]);
  assert.deepEqual(FOUND.sets[0].entries, ["blues", "waltz", "blues"], "the list that is shown was not touched");
});

test("a set list under a new name takes the place of the old one once it is written", async () => {
  sets.edit("Saturday", ["blues"]);
  place.all("input")[0].enter(" Sunday ");
  place.button("Save set list").click();
  await settle();
  assert.deepEqual(asked.slice(1, 3), [["save_set", { name: "Sunday", entries: ["blues"], before: "Saturday" }], ["remove_set", { name: "Saturday" }]]);
});

test("a set list that is refused under its new name is not removed under the old one", async () => {
  answers.save_set = new Error("taken");
  sets.edit("Saturday", ["blues"]);
  place.all("input")[0].enter("Sunday");
  place.button("Save set list").click();
  await settle();
  assert.deepEqual(said(), ["taken"]);
  assert.equal(asked.some(([word]) => word === "remove_set"), false);
});

test("nothing is saved without a name", async () => {
  sets.edit("", []);
  place.all("input")[0].enter("   ");
  place.button("Save set list").click();
  await sets.keep();
  await settle();
  assert.deepEqual(said(), ["Give the set list a name", "Give the preset a name"]);
  assert.deepEqual([asked.length, done.length], [1, 0]);
});

test("without songs and presets there is nothing to put in a set list, and the page says so", async () => {
  answers.sets = { sets: [], presets: [], entries: [] };
  await sets.enter();
  sets.edit("", []);
  assert.match(place.textContent, /There are no songs or presets yet/);
  assert.equal(place.all("select").length, 0);
});

test("a preset is saved under its name, and told once it is there", async () => {
  sets.name.value = " gig ";
  const kept = sets.keep();
  await settle();
  assert.deepEqual(done, [["save_preset", { name: "gig" }]]);
  answers.sets = { ...FOUND, presets: ["gig", "loud"] };
  mock.timers.tick(250);
  await kept;
  assert.deepEqual(said(), ["Preset gig is saved"]);
  assert.equal(sets.name.value, "");
});

test("a preset that is refused keeps its name in the box", async () => {
  answers.save_preset = new Error("the disk is full");
  sets.name.value = "gig";
  await sets.keep();
  assert.deepEqual(said(), ["Save preset: the disk is full"]);
  assert.equal(sets.name.value, "gig");
});

test("a preset is used and deleted, and comes back", async () => {
  sets.presets.all("button")[0].click();
  assert.deepEqual(done, [["preset", { name: "loud" }]]);
  sets.presets.button("Delete preset loud").click();
  await settle();
  page.button("Undo").click();
  await settle();
  assert.deepEqual(asked.filter(([word]) => word !== "sets").map(([word, fields]) => [word, fields.name]), [["remove_set", "loud"], ["restore_set", "loud"]]);
});

test("a set list that is deleted is no longer shown", async () => {
  sets.look(FOUND.sets[0]);
  place.button("Delete").click();
  await settle();
  assert.equal(place.textContent, "Choose a song or a set list.");
});
