import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Machine } from "../../../daemon/composerd/studio/static/js/machine.js";

const ROWS = [
  { name: "band.bpm", value: "", origin: "default", help: "tempo at the start", safe: true, choices: [] },
  { name: "engine.final_chord", value: "true", origin: "default", help: "close on a chord, `off`: none", safe: true, choices: [] },
  { name: "engine.melody", value: "top", origin: "config.yaml:3", help: "which key is the melody", safe: true, choices: ["top", "bottom"] },
  { name: "audio.device", value: "", origin: "default", help: "sound card", safe: false, choices: [] },
  { name: "midi.keyboard", value: "AKM", origin: "--in", help: "keyboard", safe: false, choices: [] },
];
const FINDING = { name: "timer", level: "warning", says: "waits are `late`", fix: "close programs" };
let page, link, machine, answers, asked;
const settle = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };
const said = () => page.children.map((one) => one.textContent);
const cell = (name) => machine.settings.querySelectorAll("tr[data-words]").find((row) => row.all("code")[0].textContent === name);

beforeEach(async () => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  answers = { settings: structuredClone(ROWS), examination: {}, change_setting: { page: "config.yaml", stronger: "" } };
  link = new EventTarget();
  Object.assign(link, { snapshot: null, open: true, ask: async (word, fields) => {
    asked.push([word, fields]);
    const answer = answers[word];
    if (answer instanceof Error) throw answer;
    return answer;
  } });
  machine = new Machine(link);
  await machine.enter();
  await settle();
});
const bandNow = () => Object.fromEntries(machine.bandNow.all("dt").map((term, index) => [term.textContent, machine.bandNow.all("dd")[index].textContent]));

test("without a band the page says that none answers", () => { assert.deepEqual(bandNow(), { State: "no composerd answers" }); });

test("the state of the band is shown in words, without what is not known", () => {
  link.snapshot = { state: "playing", genre: "jazz", bpm: 96, song: "", key: null, notes: [], late: 1, dropped: 0 };
  link.dispatchEvent(new Event("snapshot"));
  const shown = bandNow();
  assert.deepEqual(Object.keys(shown), ["State", "Genre", "Tempo", "Too late", "Overtaken"]);
  assert.equal(shown.Tempo, "96 beats a minute");
  assert.match(shown["Too late"], /^1 time the neural net/);
  assert.match(shown.Overtaken, /^0 times you had played on/);
});

test("settings stand under their sections, those that a page may change first", () => {
  const tables = machine.settings.querySelectorAll("table");
  assert.deepEqual(tables.map((table) => table.querySelectorAll("tr[data-words]").map((row) => row.all("code")[0].textContent)),
    [["band.bpm", "engine.final_chord", "engine.melody"], ["audio.device", "midi.keyboard"]]);
  assert.deepEqual(tables[0].querySelectorAll("tr.group").map((row) => row.textContent), ["Band", "Playing along"]);
});

test("a setting is a box, a choice, or a text that cannot be changed here", () => {
  assert.equal(cell("band.bpm").all("input").length, 1);
  assert.deepEqual(cell("engine.final_chord").all("option").map((one) => [one.value, one.textContent]), [["true", "on"], ["false", "off"]]);
  assert.deepEqual(cell("engine.melody").all("option").map((one) => one.value), ["top", "bottom"]);
  assert.equal(cell("audio.device").all("td")[1].textContent, "empty");
  assert.equal(cell("midi.keyboard").all("td")[1].textContent, "AKM");
  assert.equal(cell("engine.final_chord").all("td")[2].all("code")[0].textContent, "off");
});

test("a changed setting is written and said with where it is written", async () => {
  cell("band.bpm").all("input")[0].enter("90");
  await settle();
  assert.deepEqual(asked.find(([word]) => word === "change_setting")[1], { name: "band.bpm", value: "90" });
  assert.deepEqual(said(), ["band.bpm is 90 from composerd's next start on (written to config.yaml)"]);
});

test("a setting that something stronger overrides says so", async () => {
  answers.change_setting = { page: "config.yaml", stronger: "--bpm" };
  cell("band.bpm").all("input")[0].enter("");
  await settle();
  assert.deepEqual(said(), ["Written to config.yaml, but --bpm overrides it"]);
});

test("a refused value is told and put back", async () => {
  answers.change_setting = new Error("band.bpm: found '9', expected 30 to 300");
  const input = cell("band.bpm").all("input")[0];
  input.enter("9");
  await settle();
  assert.deepEqual(said(), ["band.bpm: found '9', expected 30 to 300"]);
  assert.equal(input.value, "");
});

test("what is being written is not overwritten when the settings are asked for again", async () => {
  const input = cell("band.bpm").all("input")[0];
  answers.settings = ROWS.map((row) => row.name === "band.bpm" ? { ...row, value: "120", origin: "config.yaml:1" } : row);
  input.focus();
  input.value = "9";
  await machine.enter();
  assert.equal(input.value, "9");
  document.activeElement = null;
  await machine.enter();
  assert.equal(input.value, "120");
  assert.equal(cell("band.bpm").all("td")[3].textContent, "config.yaml:1");
});

test("settings are found by name and by what they do, and the folded ones open where one is found", () => {
  machine.search.enter("KEYBOARD", "input");
  const shown = machine.settings.querySelectorAll("tr[data-words]").filter((row) => !row.hidden);
  assert.deepEqual(shown.map((row) => row.all("code")[0].textContent), ["midi.keyboard"]);
  assert.equal(machine.settings.querySelector("details").open, true);
  machine.search.enter("melody", "input");
  assert.equal(machine.settings.querySelector("details").open, false);
  machine.search.enter("", "input");
  assert.equal(machine.settings.querySelectorAll("tbody").some((body) => body.hidden), false);
});

test("before an examination the page says how long it takes", () => { assert.match(machine.findings.textContent, /Not examined yet/); });

test("an examination shows what it has found so far, and at its end when that was", async () => {
  let finish;
  answers.doctor = new Promise((done) => { finish = () => done({ running: false, seconds: 0, findings: [FINDING], advice: [{ setting: "audio.block", value: "256", why: "waits are late" }], problem: "" }); });
  answers.examination = { running: true, seconds: 1, findings: [FINDING], advice: [] };
  machine.button.click();
  assert.equal(machine.button.disabled, true);
  mock.timers.tick(1000);
  await settle();
  assert.match(machine.findings.textContent, /Examining for 1 second: .*Found so far:.*timer: waits are late.*close programs/);
  finish();
  await settle();
  assert.match(machine.findings.textContent, /^Examined just now\..*Advice: set audio.block to 256 \(waits are late\)$/);
  assert.equal(machine.button.disabled, false);
});

test("an examination that fails says why and can be tried again", async () => {
  answers.doctor = new Error("composerd doctor ended with 1");
  machine.button.click();
  await settle();
  assert.equal(machine.findings.querySelector("p.wrong").textContent, "composerd doctor ended with 1");
  assert.equal(machine.button.disabled, false);
});

test("an examination that another page began is followed to its end", async () => {
  answers.examination = { running: true, seconds: 5, findings: [] };
  await machine.look();
  const before = asked.length;
  answers.examination = { running: false, seconds: 7300, findings: [FINDING] };
  mock.timers.tick(1000);
  await settle();
  assert.equal(asked.length, before + 1);
  assert.match(machine.findings.textContent, /^Examined 2 hours ago/);
  mock.timers.tick(10000);
  await settle();
  assert.equal(asked.length, before + 1, "it is over");
});

test("how long ago an examination was is said in round words", () => {
  for (const [seconds, text] of [[0, "just now"], [59, "just now"], [60, "1 minute ago"], [3599, "59 minutes ago"], [3600, "1 hour ago"]]) {
    machine.show({ running: false, seconds, findings: [] });
    assert.equal(machine.findings.textContent, `Examined ${text}.`);
  }
});

test("a studio that does not answer is told", async () => {
  answers.settings = new Error("the studio does not answer");
  await machine.enter();
  assert.deepEqual(said(), ["the studio does not answer"]);
});
