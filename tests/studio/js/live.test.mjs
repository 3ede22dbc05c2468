import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Live } from "../../../daemon/composerd/studio/static/js/live.js";

const GENRE = { name: "pop", title: "Pop", bpm: 96, metre: { numerator: 4, denominator: 4 }, parts: [
  { name: "drums", role: "drums", channel: 10, program: 0 }, { name: "bass", role: "bass", channel: 2, program: 33 },
] };
const SNAPSHOT = { state: "playing", genre: "pop", bpm: 96, bar: 3, beat: 2, chord: "C", next_chord: "F", keyboard: "AKM", late: 0, dropped: 0, notes: [], variation: "A", muted: [], solo: [], controls: {} };
const OUTLOOK = { at: 10, bpm: 120, beat: 8, bar: 3, bar_at: 8, bar_beats: 4, pulse_beats: 1, key: "C major", notes: [], chords: [[8, 4, "C", 1]] };
const word = (name, kind, fields = []) => ({ name, label: name, kind, group: "x", help: name, fields });
const COMMANDS = [
  word("quit", "button"), word("tempo", "value", [{ name: "bpm", shape: "a number", needed: true, help: "", low: 30, high: 300, step: 1 }]),
  word("metronome", "toggle", [{ name: "on", shape: "on or off", needed: false, help: "" }]), word("odd_new_one", "button"), word("fill", "button"),
  word("variation", "choice", [{ name: "name", shape: "one of", needed: false, help: "", choices: ["A", "B", "auto"], words: { A: "ordinary", B: "fuller" } }]),
];
let page, link, live, done;
const settle = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };
const said = () => page.children.map((one) => one.all("span")[0].textContent);

beforeEach(() => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.location = { hash: "" };
  globalThis.requestAnimationFrame = () => 1;
  done = [];
  link = new EventTarget();
  Object.assign(link, { open: true, connected: true, snapshot: null, outlook: null, genre: null, second: 10, why: "", refuse: "",
    do: async (name, fields) => { done.push([name, fields]); if (link.refuse) throw new Error(link.refuse); } });
  live = new Live(link);
});
const tell = (what, detail) => link.dispatchEvent(Object.assign(new Event(what), { detail }));
const now = (more = {}) => { link.snapshot = { ...SNAPSHOT, ...more }; tell("snapshot"); };
const big = (name) => live.element.all("button").find((one) => one.firstElementChild?.textContent === name);

test("chords, state, key and tempo are shown", () => {
  link.outlook = OUTLOOK;
  now({ bpm: 96.5 });
  assert.deepEqual([live.now.chord, live.now.next, live.now.state, live.now.key, live.now.tempo].map((one) => one.textContent), ["C", "F", "playing", "C major", "96.5"]);
  now({ next_chord: "C" });
  assert.equal(live.now.next.textContent, "", "a chord that goes on is not the next one");
  now({ chord: "", state: "ready" });
  assert.equal(live.now.chord.textContent, "–");
});

test("one button starts the band and ends it", () => {
  now({ state: "ready" });
  assert.equal(live.startButton.textContent, "Startor just play");
  live.startButton.click();
  now();
  assert.equal(live.startButton.textContent, "Endat the bar line");
  live.startButton.click();
  assert.deepEqual(done.map(([name]) => name), ["start", "end"]);
});

test("the buttons of the stage give their commands, tapping when it is pressed down", () => {
  for (const name of ["Stop", "Fill", "Break", "Panic"]) big(name).click();
  big("Tap").click();
  big("Tap").fire("pointerdown");
  assert.deepEqual(done.map(([name]) => name), ["stop", "fill", "break", "panic", "tap"]);
});

test("what the band refuses is said", async () => {
  link.refuse = "nobody plays";
  big("Fill").click();
  await settle();
  assert.deepEqual(said(), ["Fill: nobody plays"]);
});

test("what was saved is told, with the way to the takes", async () => {
  big("Save").click();
  await settle();
  assert.deepEqual(said(), ["The last two minutes are kept as a take"]);
  page.button("Takes").click();
  assert.equal(location.hash, "takes");
});

test("the page says what to do where nothing plays", () => {
  const invited = () => live.invite.hidden ? "" : live.invite.textContent;
  now({ state: "ready" });
  assert.match(invited(), /AKM is there\. Your first key starts the band\./);
  now({ state: "ready", keyboard: null });
  assert.match(invited(), /With the keys A S D F G H J of this computer/);
  now({ state: "ready", notes: ["no sound: no device"] });
  assert.match(invited(), /This machine has no sound device/);
  now();
  assert.equal(invited(), "");
  link.connected = false;
  tell("connection");
  assert.match(invited(), /No composerd answers/);
  Object.assign(link, { open: false, why: "too many pages" });
  tell("connection");
  assert.match(invited(), /^too many pages/);
});

test("a band that is gone leaves nothing on the page", () => {
  link.genre = GENRE;
  tell("genre");
  now();
  link.connected = false;
  tell("connection");
  assert.deepEqual([live.now.chord.textContent, live.now.tempo.textContent, live.legend.children.length, live.mixer.strips.length], ["–", "–", 0, 0]);
});

test("the player's keys are lit as they are pressed, however they are transposed", () => {
  now({ controls: { transpose_keys: 3 } });
  tell("notes", [[10, null, 63, 80, 0], [10, 1, 40, 80, 0]]);
  assert.deepEqual([...live.mine], [60]);
  tell("notes", [[11, null, 63, 0, 1]]);
  assert.deepEqual([...live.mine], []);
});

test("a genre's parts are in the legend, its drums drawn as drums", () => {
  link.genre = GENRE;
  tell("genre");
  assert.deepEqual(live.legend.children.map((one) => one.textContent), ["You", "Drums", "Bass"]);
  assert.deepEqual([...live.roll.drums], [0]);
});

test("every command has a place: known ones on the page, others under More, the end of the program last", () => {
  live.furnish(COMMANDS, [{ name: "pop", title: "Pop" }, { name: "jazz", title: "Jazz" }]);
  assert.deepEqual(live.band.more.all("button").map((one) => one.textContent), ["odd_new_one", "quit"]);
  assert.deepEqual(live.band.genres.options.map((one) => one.textContent), ["Pop", "Jazz"]);
  assert.deepEqual(live.band.variation.children.map((one) => one.textContent), ["Ordinary", "Fuller", "Auto"]);
  assert.equal(live.band.sound.all("input").length >= 1, true);
});

test("the variation that plays is pressed, also where the band chose it", () => {
  live.furnish(COMMANDS, []);
  for (const [variation, pressed] of [["A", "A"], ["B", "B"], ["auto B", "auto"]]) {
    now({ variation });
    assert.deepEqual(live.band.variation.children.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.name), [pressed]);
  }
  live.band.variation.children[1].click();
  assert.deepEqual(done, [["variation", { name: "B" }]]);
});

test("a genre that is being chosen is not put back by the news", () => {
  live.furnish(COMMANDS, [{ name: "pop", title: "Pop" }, { name: "jazz", title: "Jazz" }]);
  now();
  assert.equal(live.band.genres.value, "pop");
  document.activeElement = live.band.genres;
  live.band.genres.value = "jazz";
  now();
  assert.equal(live.band.genres.value, "jazz");
  live.band.genres.fire("change");
  assert.deepEqual(done, [["genre", { name: "jazz" }]]);
});

test("a song's and a set list's buttons are there while one plays", () => {
  now();
  assert.deepEqual([live.band.song.hidden, live.band.set.hidden, live.now.form.hidden], [true, true, true]);
  now({ song: "Blues", place: "A, bar 1 of 8", set_list: "gig 2/3" });
  assert.deepEqual([live.band.song.hidden, live.band.set.hidden, live.now.form.hidden, live.band.setPlace.textContent], [false, false, false, "gig 2/3"]);
  live.band.song.button("To the ending").click();
  live.band.set.button("Next song").click();
  assert.deepEqual(done.map(([name]) => name), ["ending", "next_song"]);
});
