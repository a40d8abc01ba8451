// Upgrades under fire: many official clients move from polling to WebSocket, on four loops, so that most upgrades arrive on the wrong one, while
// numbers flow both ways and others misbehave. Nothing may be lost, doubled or reordered, and nobody may be hurt by somebody else.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { sleep, until } from "../people.mjs";
import { binary, scaled } from "../support.mjs";

const { io } = createRequire(import.meta.url)("socket.io-client");

let child;
let ended;
let url;
before(async () => {
  child = spawn(path.join(path.dirname(binary), "storm_server"), ["4"], { stdio: ["pipe", "pipe", "inherit"] });
  ended = new Promise((done) => child.on("exit", (code, signal) => done(code ?? signal)));
  let output = "";
  child.stdout.on("data", (chunk) => { output += chunk; });
  await until(() => { url = /http:\S+/.exec(output)?.[0]; return url; }, "the storm server starts");
});
after(async () => {
  child.stdin.end();
  assert.equal(await ended, 0);
});

const counting = (count) => Array.from({ length: count }, (_, i) => i);

/** One official client: sends and gets `count` numbers, from its first moment on polling. */
function client(count, options) {
  const socket = io(url, { forceNew: true, reconnection: false, query: { count }, timeout: 120_000, ...options });
  const state = { socket, down: [], counted: 0, wrong: [], reason: undefined };
  socket.on("down", (number) => state.down.push(number));
  socket.on("counted", (number) => { state.counted = number; });
  socket.on("wrong", (...what) => state.wrong.push(what));
  socket.on("connect", async () => {
    for (let i = 0; i < count; i++) {
      socket.emit("up", i);
      if (i % 2) await sleep(1);
    }
  });
  socket.on("connect_error", (error) => { state.reason = `connect_error ${error.message}`; });
  socket.on("disconnect", (reason) => { state.reason = reason; });
  return state;
}

const upgraded = ({ socket }) => socket.io.engine?.transport?.name === "websocket";

async function session() {
  const reply = await fetch(`${url}/socket.io/?EIO=4&transport=polling&count=0`);
  const { sid } = JSON.parse((await reply.text()).slice(1));
  const target = `${url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  return { sid, target, post: (body) => fetch(target, { method: "POST", body, headers: { "Content-Type": "text/plain" } }) };
}

const webSocket = (sid) => new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${sid}`);
const opened = (socket) => new Promise((done, fail) => { socket.on("open", done); socket.on("error", fail); });

// Each misbehaves once; none may hang or bring the server down.
const troublemakers = [
  async function closesInMidProbe() {
    const { sid, target, post } = await session();
    await post("40");
    const socket = webSocket(sid);
    await opened(socket);
    socket.send("2probe");
    await new Promise((done) => socket.on("message", done));
    socket.terminate();
    await sleep(20);
    assert.equal((await fetch(target)).status, 200, "the session goes on over polling");
    await post("1");
  },
  async function opensASecondWebSocket() {
    const { sid, post } = await session();
    await post("40");
    const first = webSocket(sid);
    await opened(first);
    const second = webSocket(sid);
    await new Promise((done) => { second.on("close", done); second.on("error", done); });
    const probed = new Promise((done) => first.on("message", (data) => done(String(data))));
    first.send("2probe");
    assert.equal(await probed, "3probe", "the first one is still probing");
    first.send("5");
    await new Promise((done) => first.once("message", done));
    first.close();
  },
  async function abortsAPoll() {
    const { target, post } = await session();
    await post("40");
    await fetch(target);
    const abort = new AbortController();
    const poll = fetch(target, { signal: abort.signal }).catch(() => {});
    await sleep(20);
    abort.abort();
    await poll;
  },
  async function vanishesDuringAPost() {
    const { sid } = await session();
    const { port } = new URL(url);
    const socket = net.connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n42["up"`);
    await sleep(20);
    socket.destroy();
  },
  async function neverFinishesItsUpgrade() {
    const { sid, post } = await session();
    await post("40");
    const socket = webSocket(sid);
    await opened(socket);
    socket.send("2probe");
    const closed = new Promise((done) => socket.on("close", done));
    await sleep(200);
    await post("1");
    await closed;
  },
];

test("a thousand clients upgrade while numbers flow both ways and others misbehave", async () => {
  const clients = scaled(1000, 60);
  const each = 10;
  const states = [];
  let misbehaved = 0;
  for (let wave = 0; states.length < clients; wave++) {
    for (let i = 0; i < 50 && states.length < clients; i++) states.push(client(each));
    await Promise.all(troublemakers.map(async (trouble) => { await trouble(); misbehaved++; }));
    await until(() => states.every(({ down, counted, wrong, reason }) => reason || wrong.length || (down.length >= each && counted >= each)),
      () => `wave ${wave}: ${states.filter(({ down, counted }) => down.length < each || counted < each).length} of ${states.length} wait`, 60_000);
  }
  await until(() => states.every((state) => upgraded(state) || state.reason), "all have upgraded", 60_000);
  await sleep(300);
  for (const { down, counted, wrong, reason } of states) {
    assert.equal(reason, undefined);
    assert.deepEqual(wrong, []);
    assert.deepEqual(down, counting(each));
    assert.equal(counted, each);
  }
  assert.ok(misbehaved > 0);
  for (const { socket } of states) socket.disconnect();
});

test("one client, ten thousand numbers each way, across its upgrade", async () => {
  const count = scaled(10_000, 1_000);
  const state = client(count);
  await until(() => state.reason || (state.down.length >= count && state.counted >= count),
    () => `${state.down.length} down, ${state.counted} up`, 120_000);
  await sleep(100);
  assert.equal(state.reason, undefined);
  assert.ok(upgraded(state));
  assert.deepEqual(state.wrong, []);
  assert.deepEqual(state.down, counting(count));
  state.socket.disconnect();
});
