import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./small_dom.mjs";
import { Comparison, save } from "../../../daemon/composerd/studio/static/js/compare.js";

const made = (genre, mode) => ({ again: `${genre}-${mode}`, genre, mode, seconds: 4, bars: [0, 2], tracks: ["melody", "drums"], notes: [[0, 60, 0, 1, 80]] });
const GENRES = [{ value: "pop", text: "Pop" }, { value: "bossa-nova", text: "Bossa nova" }];
let page, answers, asked, comparison, wanted, urls;
const settle = async () => { for (let turn = 0; turn < 40; turn++) await Promise.resolve(); };

beforeEach(() => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  asked = [];
  wanted = [];
  urls = [];
  globalThis.URL.createObjectURL = (blob) => { urls.push(blob); return `blob:${urls.length}`; };
  globalThis.URL.revokeObjectURL = (url) => { urls[Number(url.slice(5)) - 1] = null; };
  answers = { accompaniments: [], accompaniment_file: { name: "take-pop.mid", blob: "bytes" } };
  const link = { ask: async (word, fields) => { asked.push([word, fields]); if (answers[word] instanceof Error) throw answers[word]; return answers[word]; } };
  comparison = new Comparison(link, "take 1", GENRES, async (genre, mode) => { wanted.push([genre, mode]); if (answers.make) throw answers.make; return made(genre, mode); });
});
const cards = () => comparison.cards.children.map((one) => one.getAttribute("aria-label"));

test("an accompaniment is made in the chosen genre and way and shown first", async () => {
  await comparison.add("pop", "jam");
  await comparison.add("bossa-nova", "phrase");
  assert.deepEqual(wanted, [["pop", "jam"], ["bossa-nova", "phrase"]]);
  assert.deepEqual(cards(), ["bossa-nova, phrase", "pop, jam"]);
  assert.equal(comparison.cards.querySelectorAll("canvas").length, 2);
});

test("one that is made again takes the place of the one before", async () => {
  await comparison.add("pop", "jam");
  await comparison.add("bossa-nova", "jam");
  await comparison.add("pop", "jam");
  assert.deepEqual(cards(), ["pop, jam", "bossa-nova, jam"]);
});

test("all genres are played one after the other, and no button is pressed meanwhile", async () => {
  const all = comparison.element.button("In all genres"), one = comparison.element.button("Accompany");
  all.click();
  assert.deepEqual([all.disabled, one.disabled], [true, true]);
  await settle();
  assert.deepEqual(wanted.map(([genre]) => genre), ["pop", "bossa-nova"]);
  assert.deepEqual([all.disabled, one.disabled], [false, false]);
});

test("a reason why there is none stands in its card", async () => {
  answers.make = new Error("the take has no melody");
  await comparison.add("pop", "jam");
  assert.equal(comparison.cards.all("p")[0].textContent, "the take has no melody");
});

test("those made earlier are shown, and none where the studio does not answer", async () => {
  answers.accompaniments = [made("pop", "jam"), made("pop", "phrase")];
  await comparison.before();
  assert.deepEqual(asked.at(-1), ["accompaniments", { of: "take 1" }]);
  assert.deepEqual(cards(), ["pop, phrase", "pop, jam"]);
  answers.accompaniments = new Error("gone");
  await comparison.before();
  assert.equal(cards().length, 2);
});

test("its MIDI file is saved under its own name, and memory is given back at the end", async () => {
  await comparison.add("pop", "jam");
  comparison.cards.button("MIDI").click();
  await settle();
  assert.deepEqual(asked.at(-1), ["accompaniment_file", { again: "pop-jam", kind: "mid" }]);
  assert.deepEqual(urls, ["bytes"]);
  comparison.stop();
  assert.deepEqual(urls, [null]);
});

test("a file that cannot be made is told, and its button works again", async () => {
  await comparison.add("pop", "jam");
  answers.accompaniment_file = new Error("no SoundFont");
  const hear = comparison.cards.button("Listen");
  hear.click();
  assert.equal(hear.disabled, true);
  await settle();
  assert.deepEqual([page.children[0].textContent, hear.disabled], ["no SoundFont", false]);
});

test("what is saved leaves nothing on the page", () => {
  save("blob:1", "x.mid");
  assert.equal(document.body.children.length, 0);
});
