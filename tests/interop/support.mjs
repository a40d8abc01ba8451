// The interop fixture and the three generations of JavaScript clients, behind one way to connect and to wait.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { io as current } from "socket.io-client";
import old from "socket.io-client-v2";
import former from "socket.io-client-v3";

import { Fixture } from "../fixtures.mjs";

export const startFixture = (...flags) =>
  Fixture.start({ name: "interop_fixture", twin: fileURLToPath(new URL("reference.mjs", import.meta.url)), flags });

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** The clients by version. `old`: speaks Engine.IO 3, and knows no auth: the query stands for it. */
export const clients = [
  { version: "4.8", io: current, old: false },
  { version: "3.1", io: former.io ?? former, old: false },
  { version: "2.5", io: old, old: true },
];

export const transports = {
  polling: ["polling"],
  websocket: ["websocket"],
  upgrade: ["polling", "websocket"],
};

const open = new Set();

/** A socket of its own connection, that comes back fast. `auth` is the query for old clients. */
export function connect(fixture, { client = clients[0], namespace = "/", transport = "websocket", auth, ...options } = {}) {
  const socket = client.io(`${fixture.url}${namespace}`, {
    forceNew: true, transports: transports[transport], reconnectionDelay: 100, reconnectionDelayMax: 200, randomizationFactor: 0,
    ...(auth ? { [client.old ? "query" : "auth"]: auth } : {}), ...options,
  });
  open.add(socket);
  return socket;
}

export const disconnectAll = () => { for (const socket of open) socket.disconnect(); open.clear(); };

/** The arguments of the next `event`. */
export function next(emitter, event, milliseconds = 10_000) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no "${event}" within ${milliseconds} ms`)), milliseconds);
    emitter.once(event, (...said) => { clearTimeout(timer); done(said); });
  });
}

export async function connected(socket) {
  if (!socket.connected) await next(socket, "connect");
  return socket;
}

/** Waits until the connection is as good as it gets: for `upgrade`, until it has upgraded. */
export async function settled(socket, transport) {
  await connected(socket);
  const { engine } = socket.io;
  if (transport === "upgrade" && engine.transport.name === "polling") await next(engine, "upgrade");
  assert.equal(engine.transport.name, transport === "polling" ? "polling" : "websocket");
  return socket;
}

/** Emits with an acknowledgement, in the form that every generation knows. */
export function ask(socket, event, ...said) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no acknowledgement of "${event}"`)), 10_000);
    socket.emit(event, ...said, (...answer) => { clearTimeout(timer); done(answer); });
  });
}

/** What `event` brings, as it comes. */
export function collect(socket, event) {
  const got = [];
  socket.on(event, (...said) => got.push(said));
  return got;
}

export async function until(condition, what, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await sleep(5);
  }
}

export const texts = {
  "emoji and their joiners": "😀 👩‍👩‍👧‍👦 🇩🇪",
  "right to left": "مرحبا שלום \u202eabc",
  "NUL and other controls": "a\0b\u0001\u001f\u007f\x1e",
  "what JSON escapes": "\"\\/\b\f\n\r\t</script>\u2028\u2029",
  "all planes": "é€你\u{10000}\u{10ffff}\ufffd\uffff",
  "an empty text": "",
};
