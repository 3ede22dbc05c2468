import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Songs } from "../../../daemon/composerd/studio/static/js/songs.js";

const FACTS = { composer: "", style: "", genre: "jazz", key: "Bb", bpm: 120, metre: "4/4", bars: 3 };
const ROWS = [{ ...FACTS, name: "blues", title: "Blues" }, { ...FACTS, name: "odd", title: "odd", problem: "odd.chart:1:3: found '?'" }];
const bar = (...chords) => ({ beats: 4, chords: chords.map((chord, beat) => [beat, chord]) });
const SONG = { ...FACTS, title: "Blues", text: "| Bb7 |", sections: [{ name: "A", bars: [bar("Bb7"), bar("Eb7", "F#dim")] }, { name: "B", bars: [bar("Bb7")] }] };

let page, link, songs, answers, asked, done;
/** The next turns of everything that waits. */
const settle = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };

beforeEach(async () => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.location = { hash: "" };
  asked = [];
  done = [];
  answers = { songs: ROWS, midi_files: [], sets: { sets: [], presets: [], entries: [] }, song: SONG, read_song: SONG, save_song: { name: "blues" }, remove_song: {}, restore_song: {} };
  link = new EventTarget();
  Object.assign(link, {
    snapshot: null,
    ask: async (word, fields) => {
      asked.push([word, fields]);
      const answer = answers[word];
      if (answer instanceof Error) throw answer;
      return typeof answer === "function" ? answer(fields) : answer;
    },
    do: async (word, fields) => { done.push([word, fields]); },
  });
  songs = new Songs(link, { options: [{ value: "pop", text: "Pop" }] });
  await songs.enter();
});
const lit = () => songs.place.querySelectorAll("[data-bar]").map((one) => one.classList.contains("lit"));
const said = () => page.children.map((one) => one.textContent);
const now = (snapshot) => { link.snapshot = snapshot; link.dispatchEvent(new Event("snapshot")); };

test("every song is listed, one that cannot be read with what is wrong", () => {
  assert.deepEqual(songs.list.all("small").map((one) => one.textContent), ["B♭ · 4/4 · 3 bars · jazz", "odd.chart:1:3: found '?'"]);
});

test("without songs the list says how to get one", async () => {
  answers.songs = [];
  await songs.enter();
  assert.match(songs.list.textContent, /No songs yet/);
});

test("a studio that does not answer is told where nothing was listed yet, and keeps what was", async () => {
  answers.songs = new Error("gone");
  await songs.enter();
  assert.equal(songs.list.all("button").length, 2);
  songs.songs = [];
  await songs.enter();
  assert.equal(songs.list.textContent, "gone");
});

test("a chart shows its bars by sections, numbered throughout, spelt with real accidentals", async () => {
  await songs.choose("blues");
  const bars = songs.place.querySelectorAll("[data-bar]");
  assert.deepEqual(bars.map((one) => one.dataset.bar), ["1", "2", "3"]);
  assert.deepEqual(bars.map((one) => one.all("span").map((span) => span.textContent)), [["B♭7"], ["E♭7", "F♯dim"], ["B♭7"]]);
});

test("the bar that plays is lit while the shown song is the one that plays", async () => {
  await songs.choose("blues");
  now({ song: "Blues", place: "A, chorus 1, bar 2 of 2" });
  assert.deepEqual(lit(), [false, true, false]);
  now({ song: "Blues", place: "B, chorus 2, bar 1 of 1" });
  assert.deepEqual(lit(), [false, false, true]);
  now({ song: "Another", place: "A, chorus 1, bar 1 of 2" });
  assert.deepEqual(lit(), [false, false, false]);
  now({ song: "Blues", place: "intro" });
  assert.deepEqual(lit(), [false, false, false]);
});

test("a song can be left only while one plays", async () => {
  await songs.choose("blues");
  const leave = songs.place.querySelector("button.leave");
  assert.equal(leave.hidden, true);
  now({ song: "Blues" });
  assert.equal(leave.hidden, false);
  leave.click();
  assert.deepEqual(done, [["song", { name: "none" }]]);
});

test("a song is transposed by semitones, within an octave, and saved so only when asked", async () => {
  await songs.choose("blues", 10);
  for (let step = 0; step < 3; step++) { songs.place.button("A semitone higher").click(); await settle(); }
  assert.deepEqual(asked.filter(([word]) => word === "song").map(([, fields]) => fields.transpose), [10, 11, 11, 11]);
  assert.equal(songs.place.all("output")[0].textContent, "+11");
  songs.place.button("Save in this key").click();
  await settle();
  assert.deepEqual(asked.find(([word]) => word === "save_song")[1], { name: "blues", text: SONG.text });
});

test("of two songs that were chosen the later one is shown, however late the other's answer is", async () => {
  const waiting = [];
  answers.song = (fields) => new Promise((answer) => waiting.push(() => answer({ ...SONG, title: fields.name })));
  const both = [songs.choose("blues"), songs.choose("odd")];
  await settle();
  waiting[1]();
  waiting[0]();
  await Promise.all(both);
  assert.equal(songs.chosen, "odd");
  assert.equal(songs.place.all("h2")[0].textContent, "odd");
});

test("what was written is there again until it is saved or discarded", async () => {
  songs.edit("blues", "| C |");
  songs.place.all("textarea")[0].enter("| F |", "input");
  await songs.choose("odd");
  songs.edit("blues", "| C |");
  assert.equal(songs.place.all("textarea")[0].value, "| F |");
  songs.place.button("Discard changes").click();
  assert.equal(songs.place.all("textarea")[0].value, "| C |");
  songs.place.all("textarea")[0].enter("| G |", "input");
  songs.place.button("Save").click();
  await settle();
  assert.equal(songs.drafts.size, 0);
});

test("a draft that was changed while it was saved is kept", async () => {
  songs.edit("blues", "| C |");
  const area = songs.place.all("textarea")[0];
  area.enter("| F |", "input");
  answers.save_song = () => { songs.drafts.set("blues", "| F | G |"); return { name: "blues" }; };
  songs.place.button("Save").click();
  await settle();
  assert.equal(songs.drafts.get("blues"), "| F | G |");
});

test("what is wrong with a chart is said beside it while it is written", async () => {
  songs.edit("", "");
  await settle();
  answers.read_song = new Error("line 1: found '?'");
  songs.place.all("textarea")[0].enter("| ? |", "input");
  mock.timers.tick(350);
  await settle();
  assert.equal(songs.place.querySelector("p.wrong").textContent, "line 1: found '?'");
});

test("a refused save keeps the text and says why", async () => {
  answers.save_song = new Error("found no bars");
  songs.edit("", "nothing");
  songs.place.all("textarea")[0].enter("title: x", "input");
  songs.place.button("Save").click();
  await settle();
  assert.deepEqual(said(), ["found no bars"]);
  assert.equal(songs.place.all("textarea")[0].value, "title: x");
});

test("a deleted song can be brought back", async () => {
  await songs.choose("blues");
  songs.place.button("Delete").click();
  await settle();
  assert.equal(songs.chosen, "");
  page.button("Undo").click();
  await settle();
  assert.deepEqual(asked.filter(([word]) => word.endsWith("_song")).map(([word, fields]) => [word, fields.name]), [["remove_song", "blues"], ["restore_song", "blues"]]);
  assert.equal(songs.chosen, "blues");
});

test("a file goes up in pieces and comes out as it was", async () => {
  const bytes = Uint8Array.from({ length: 70000 }, (_, at) => at % 251), pieces = [];
  Object.assign(answers, { upload: 7, upload_piece: ({ upload, data }) => { pieces.push([upload, Buffer.from(data, "base64")]); }, upload_song: { names: ["blues"] } });
  await songs.bring({ name: "x.chart", size: bytes.length, arrayBuffer: async () => bytes.buffer });
  await settle();
  assert.deepEqual(pieces.map(([upload, piece]) => [upload, piece.length]), [[7, 30000], [7, 30000], [7, 10000]]);
  assert.deepEqual(new Uint8Array(Buffer.concat(pieces.map(([, piece]) => piece))), bytes);
  assert.equal(songs.chosen, "blues");
});

test("a file that is too large is refused before it is sent", async () => {
  await songs.bring({ name: "big.mid", size: 2e6 + 1, arrayBuffer: async () => { throw new Error("was read"); } });
  assert.deepEqual(said(), ["big.mid: larger than 2 MB"]);
  assert.equal(asked.some(([word]) => word === "upload"), false);
});

test("a MIDI file is shown with its tracks, to be accompanied", async () => {
  const found = { file: "k1", name: "tune.mid", seconds: 83, bpm: 119.6, tracks: ["Piano", "Bass"], notes: [], bars: [] };
  Object.assign(answers, { upload: 1, upload_midi: found, accompaniments: [] });
  await songs.bring({ name: "tune.MID", size: 3, arrayBuffer: async () => new ArrayBuffer(3) });
  await settle();
  assert.deepEqual(songs.place.all("option").slice(0, 3).map((one) => one.textContent), ["Melody: found automatically", "Melody: Piano", "Melody: Bass"]);
  assert.deepEqual(songs.place.querySelectorAll("span.pill").map((one) => one.textContent), ["1:23", "120 bpm", "2 tracks"]);
});

test("the uploaded MIDI files are listed where there are any", () => {
  songs.showFiles([]);
  assert.equal(songs.files.hidden, true);
  songs.showFiles([{ file: "k1", name: "tune.mid" }]);
  assert.equal(songs.files.hidden, false);
  assert.equal(songs.files.all("button")[0].textContent, "tune.mid");
});

