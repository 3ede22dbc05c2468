import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { SmallElement, openPage } from "./small_dom.mjs";

const VIEWS = ["live", "takes", "songs", "models", "machine"];
const FOUND = { commands: [], genres: [{ name: "pop", title: "Pop" }], takes: [], bin: [], songs: [], sets: { sets: [], presets: [], entries: [] }, settings: [], machine: {}, models: [], trainings: [], examination: {} };
let page, view, connection, sockets, kept, happened, refusal;
const settle = async () => { for (let turn = 0; turn < 30; turn++) await Promise.resolve(); };

class Socket {
  constructor(address) { Object.assign(this, { address, sent: [] }); sockets.push(this); }
  send(text) {
    const { id, studio } = JSON.parse(text);
    this.sent.push(studio);
    const answer = refusal ? { id, ok: false, error: refusal } : { id, ok: true, found: FOUND[studio] ?? {} };
    queueMicrotask(() => this.onmessage({ data: JSON.stringify({ answer }) }));
  }
}

beforeEach(async () => {
  page = openPage();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  [view, connection] = [new SmallElement("main"), new SmallElement("div")];
  page.page = new Map([["view", view], ["connection", connection]]);
  page.tabs = new SmallElement("nav");
  for (const name of VIEWS) {
    const tab = new SmallElement("a");
    tab.setAttribute("href", `#${name}`);
    page.tabs.append(tab);
  }
  sockets = [];
  kept = new Map();
  refusal = "";
  happened = [];
  Object.assign(globalThis, {
    location: { hash: "", host: "here" }, WebSocket: Socket, requestAnimationFrame: () => 1, dispatchEvent: (event) => happened.push(event.type),
    matchMedia: () => ({ matches: false, addEventListener: () => undefined }),
  });
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) } });
});
let number = 0;
const start = () => import(`../../../daemon/composerd/studio/static/js/main.js?${number++}`);
const open = async () => { sockets.at(-1).onopen(); await settle(); };
const told = (news) => sockets.at(-1).onmessage({ data: JSON.stringify(news) });
const go = async (hash) => { location.hash = hash; page.happen("hashchange"); await settle(); };
const current = () => page.tabs.all("a").filter((tab) => tab.getAttribute("aria-current") === "page").map((tab) => tab.getAttribute("href"));
const said = () => page.children.map((one) => one.all("span")[0].textContent);
const pill = () => connection.querySelector("span.pill").textContent;

test("a page without a place in its address shows the live view, and so does one with an unknown place", async () => {
  for (const hash of ["", "#nowhere", "#constructor"]) {
    location.hash = hash;
    await start();
    assert.deepEqual(current(), ["#live"], hash);
    assert.equal(document.title, "Live · composerd studio");
  }
});

test("each place shows its view, its title and its tab, and what follows a slash is the view's own", async () => {
  await start();
  const shown = new Set();
  for (const [hash, title] of [["#takes", "Takes"], ["#songs/blues", "Songs"], ["#models", "Models"], ["#machine", "Machine"], ["#live", "Live"]]) {
    await go(hash);
    assert.deepEqual([document.title, current()], [`${title} · composerd studio`, [hash.split("/")[0]]]);
    shown.add(view.firstElementChild);
  }
  assert.equal(shown.size, 5);
});

test("commands and genres are asked for once, the view's content after each connection", async () => {
  await start();
  assert.equal(sockets[0].address, "ws://here/live");
  await go("#takes");
  assert.deepEqual(sockets[0].sent, [], "nothing is asked for without a connection");
  await open();
  assert.deepEqual(sockets[0].sent.slice(0, 2), ["commands", "genres"]);
  assert.ok(sockets[0].sent.includes("takes"));
  sockets[0].onclose({ reason: "" });
  mock.timers.tick(5000);
  await open();
  assert.equal(sockets.length, 2);
  assert.ok(!sockets[1].sent.includes("commands") && sockets[1].sent.includes("takes"));
});

test("what is refused at the start is said once and asked for again at the next connection", async () => {
  refusal = "not ready yet";
  await start();
  await open();
  assert.deepEqual(said(), ["not ready yet"]);
  refusal = "";
  sockets[0].onclose({ reason: "" });
  mock.timers.tick(5000);
  await open();
  assert.deepEqual(sockets[1].sent.slice(0, 2), ["commands", "genres"]);
});

test("the connection is shown from the first try to the keyboard, and why the studio hung up", async () => {
  await start();
  assert.equal(pill(), "connecting …");
  await open();
  assert.equal(pill(), "no composerd");
  told({ connected: true });
  assert.equal(pill(), "no MIDI keyboard");
  assert.ok(connection.querySelector("span.dot").getAttribute("class").includes("on"));
  told({ snapshot: { state: "ready", genre: "pop", bpm: 96, bar: 1, beat: 1, chord: "", next_chord: "", keyboard: "AKM322", late: 0, dropped: 0, notes: [], variation: "A", muted: [], solo: [], controls: {} } });
  assert.equal(pill(), "AKM322");
  sockets[0].onclose({ reason: "the studio has ended" });
  assert.equal(pill(), "the studio has ended");
  mock.timers.tick(5000);
  sockets[1].onclose({ reason: "" });
  assert.equal(pill(), "studio does not answer");
});

test("the theme is changed by its button, kept, and taken up by the next page", async () => {
  await start();
  const theme = () => document.documentElement.dataset.theme;
  assert.equal(theme(), undefined, "the browser's until one is chosen");
  connection.button("Dark or light").click();
  assert.deepEqual([theme(), kept.get("theme"), happened], ["light", "light", ["resize"]]);
  connection.button("Dark or light").click();
  assert.deepEqual([theme(), kept.get("theme")], ["dark", "dark"]);
  kept.set("theme", "light");
  await start();
  assert.equal(theme(), "light");
  kept.set("theme", "purple");
  delete document.documentElement;
  document.documentElement = new SmallElement("html");
  await start();
  assert.equal(theme(), undefined);
});

test("in a private window the theme holds for the page", async () => {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get() { throw new Error("denied"); } });
  await start();
  connection.button("Dark or light").click();
  assert.equal(document.documentElement.dataset.theme, "light");
});
