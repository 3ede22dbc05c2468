import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** A connection whose other end is the test: what was sent, and what may come. */
class Line {
  static opened = [];
  constructor(url) { this.url = url; this.sent = []; Line.opened.push(this); }
  send(text) { this.sent.push(JSON.parse(text)); }
  say(news) { this.onmessage({ data: JSON.stringify(news) }); }
  piece(number, bytes) {
    const data = new Uint8Array(4 + bytes.length);
    new DataView(data.buffer).setUint32(0, number);
    data.set(bytes, 4);
    this.onmessage({ data: data.buffer });
  }
}
Object.assign(globalThis, { WebSocket: Line, location: { host: "localhost:8765" } });
const { Link } = await import("../../../daemon/composerd/studio/static/js/link.js");

const SNAPSHOT = { state: "playing", genre: "pop", bpm: 120 };
let link, line, told;
beforeEach(() => {
  link = new Link();
  line = Line.opened.at(-1);
  told = [];
  for (const what of ["connection", "lost", "genre", "outlook", "notes", "snapshot"]) link.addEventListener(what, (event) => told.push([what, event.detail]));
  line.onopen();
});

test("it speaks to the server that the page came from", () => {
  assert.equal(line.url, "ws://localhost:8765/live");
  assert.equal(link.open, true);
  assert.deepEqual(told, [["connection", null]]);
});

test("requests have numbers, and each gets its own answer in whatever order", async () => {
  const first = link.do("tempo", { bpm: 90 }), second = link.ask("takes");
  assert.deepEqual(line.sent, [{ do: "tempo", bpm: 90, id: 1 }, { studio: "takes", id: 2 }]);
  line.say({ answer: { id: 2, ok: true, found: ["a take"] } });
  line.say({ answer: { id: 1, ok: true } });
  assert.deepEqual(await second, ["a take"]);
  assert.equal((await first).ok, true);
});

test("a refusal is an error with the studio's words, or a word of its own", async () => {
  const one = link.ask("take", { name: "none" }), other = link.ask("take", { name: "none" });
  line.say({ answer: { id: 1, ok: false, error: "no such take" } });
  line.say({ answer: { id: 2, ok: false } });
  await assert.rejects(one, /no such take/);
  await assert.rejects(other, /refused/);
});

test("an answer to a question that was not asked is passed over", () => {
  line.say({ answer: { id: 99, ok: true } });
  line.piece(99, [1, 2, 3]);
  assert.equal(link.waiting.size, 0);
});

test("a file comes in pieces, and two at once do not mix", async () => {
  const one = link.ask("take_file"), other = link.ask("take_file");
  line.say({ answer: { id: 1, ok: true, file: { name: "a.mid", type: "audio/midi", size: 5 } } });
  line.say({ answer: { id: 2, ok: true, file: { name: "b.wav", type: "audio/wav", size: 2 } } });
  line.piece(1, [1, 2, 3]);
  line.piece(2, [9, 9]);
  line.piece(1, [4, 5]);
  const [a, b] = [await one, await other];
  assert.deepEqual([a.name, a.blob.type, b.name], ["a.mid", "audio/midi", "b.wav"]);
  assert.deepEqual([...new Uint8Array(await a.blob.arrayBuffer())], [1, 2, 3, 4, 5]);
  assert.deepEqual([...new Uint8Array(await b.blob.arrayBuffer())], [9, 9]);
});

test("news of the band are kept and told in an order in which a view can use them", () => {
  told.length = 0;
  line.say({ connected: true, now: 5, genre: { name: "pop" }, outlook: { at: 5 }, notes: [[5, 0, 36, 90, 1]], snapshot: SNAPSHOT });
  assert.deepEqual(told.map(([what]) => what), ["connection", "genre", "outlook", "notes", "snapshot"]);
  assert.equal(link.connected, true);
  assert.deepEqual([link.genre.name, link.snapshot.bpm], ["pop", 120]);
});

test("the daemon's clock is learned from its news, but not from late ones", () => {
  const here = performance.now() / 1000;
  line.say({ now: here + 100 });
  assert.ok(Math.abs(link.second - performance.now() / 1000 - 100) < 1);
  line.say({ now: here + 500, lost: 3 });
  assert.ok(Math.abs(link.second - performance.now() / 1000 - 100) < 1);
  assert.deepEqual(told.at(-1)[0], "lost");
});

test("when the daemon goes nothing is known of a band any more", () => {
  line.say({ connected: true, now: 5, snapshot: SNAPSHOT });
  line.say({ connected: false });
  assert.deepEqual([link.connected, link.snapshot, link.genre, link.outlook], [false, null, null, null]);
  assert.equal(link.open, true);
});

test("when the studio goes all questions fail, new ones at once, and it is called again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = link.ask("takes");
  const before = Line.opened.length;
  line.onclose({ reason: "too many pages" });
  await assert.rejects(asked, /does not answer/);
  await assert.rejects(link.ask("takes"), /does not answer/);
  assert.equal(link.why, "too many pages");
  context.mock.timers.tick(300);
  assert.equal(Line.opened.length, before + 1);
  Line.opened.at(-1).onopen();
  assert.equal(link.open, true);
  assert.equal(link.tries, 0);
});

test("the longer a studio is away the less often it is called", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const waits = [];
  for (let round = 0; round < 6; round++) {
    const before = Line.opened.length;
    Line.opened.at(-1).onclose({ reason: "" });
    let waited = 0;
    while (Line.opened.length === before) { context.mock.timers.tick(100); waited += 100; }
    waits.push(waited);
  }
  assert.deepEqual(waits, [300, 700, 1500, 3000, 3000, 3000]);
});
