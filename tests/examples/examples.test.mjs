// Every example of the library does what its comments promise, with the stock client.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { io as connect } from "socket.io-client";

import { Fixture } from "../fixtures.mjs";

const patience = 20_000;

/** Runs `work` with the example's server; `client(path, options)` makes clients that end with it. */
async function withExample(name, work) {
  const server = await Fixture.start({ name: `example_${name}` });
  const clients = [];
  const client = (path = "", options = {}) => {
    const socket = connect(server.url + path, { forceNew: true, ...options });
    clients.push(socket);
    return socket;
  };
  try {
    await work(client, server);
  } finally {
    clients.forEach((socket) => socket.disconnect());
    await server.stop();
  }
}

/** The arguments of the next `event`. */
function next(socket, event) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no "${event}" came`)), patience);
    socket.once(event, (...args) => {
      clearTimeout(timer);
      done(args);
    });
  });
}

const ask = (socket, ...event) => socket.timeout(patience).emitWithAck(...event);

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  test(`echo over ${transports}: events come back, the time is answered`, () => withExample("echo", async (client) => {
    const socket = client("", { transports });
    socket.emit("say", "hi", { text: "grüße 🎈" }, [1, null]);
    assert.deepEqual(await next(socket, "say"), ["hi", { text: "grüße 🎈" }, [1, null]]);
    assert.ok(Math.abs(await ask(socket, "time") - Date.now() / 1000) < 100);
  }));
}

test("chat room: people see who is there, who speaks, types and leaves; other rooms hear nothing", () => withExample("chat_room", async (client) => {
  const [ada, bob, eve] = [client(), client(), client()];
  assert.deepEqual(await ask(ada, "join", "garden", "Ada"), ["Ada"]);
  assert.deepEqual(await ask(eve, "join", "cellar", "Eve"), ["Eve"]);
  const heard = [];
  eve.onAny((...event) => heard.push(event));
  const joined = next(ada, "joined");
  assert.deepEqual((await ask(bob, "join", "garden", "Bob")).sort(), ["Ada", "Bob"]);
  assert.deepEqual(await joined, ["garden", "Bob"]);

  const said = [next(ada, "said"), next(bob, "said")];
  bob.emit("say", "garden", "Good morning");
  assert.deepEqual(await Promise.all(said), [["garden", "Bob", "Good morning"], ["garden", "Bob", "Good morning"]]);
  eve.emit("say", "garden", "not from here");  // she is not in that room
  const typing = next(ada, "typing");
  const typist = setInterval(() => bob.emit("typing", "garden"), 50);  // volatile: one of them finds her ready
  assert.deepEqual(await typing, ["garden", "Bob"]);
  clearInterval(typist);

  const left = next(ada, "left");
  bob.disconnect();
  assert.deepEqual(await left, ["garden", "Bob"]);
  await ask(eve, "join", "cellar", "Eve");  // whatever was on its way to her has come
  assert.deepEqual(heard, []);
}));

for (const transports of [["polling"], ["websocket"]]) {
  test(`binary over ${transports}: bytes arrive and come back`, () => withExample("binary", async (client) => {
    const socket = client("", { transports });
    assert.deepEqual(await ask(socket, "upload", "notes.txt", Buffer.alloc(2_000_000, 7)), { name: "notes.txt", bytes: 2_000_000 });
    assert.deepEqual(await ask(socket, "upload", "notes.txt", "text"), { error: "bytes, please" });
    const { name, data } = await ask(socket, "reverse", { name: "some", data: Buffer.from([1, 0, 255]) });
    assert.equal(name, "some");
    assert.deepEqual([...Buffer.from(data)], [255, 0, 1]);
  }));
}

test("acknowledgements: the client asks, the server asks once, and twice", () => withExample("acknowledgements", async (client) => {
  const socket = client();
  assert.equal(await ask(socket, "add", 1, 2.5), 3.5);
  const questions = [];
  socket.on("question", (text, answer) => { questions.push(text); answer(questions.length === 3 ? 43 : 42); });
  socket.emit("ask me");
  assert.deepEqual(await next(socket, "verdict"), ["right"]);
  const verdicts = [];
  socket.on("verdict", (verdict) => verdicts.push(verdict));
  const second = new Promise((done) => socket.on("verdict", () => verdicts.length === 2 && done()));
  socket.emit("examine me");
  await second;
  assert.deepEqual(questions, ["6 x 7?", "6 x 7?", "21 + 21?"]);
  assert.deepEqual(verdicts, ["right", "wrong"]);
}));

test("acknowledgements: a vote is complete, or partial when somebody keeps silent", () => withExample("acknowledgements", async (client) => {
  const [ada, bob] = [client(), client()];
  await Promise.all([once(ada, "connect"), once(bob, "connect")]);
  const vote = () => new Promise((done) => ada.emit("call a vote", "tea?", (votes, complete) => done([votes.sort(), complete])));
  ada.on("vote", (subject, answer) => answer(`${subject} yes`));
  bob.once("vote", (subject, answer) => answer(`${subject} no`));
  assert.deepEqual(await vote(), [["tea? no", "tea? yes"], true]);
  assert.deepEqual(await vote(), [["tea? yes"], false]);
}));

test("namespaces: the middleware refuses with data, then lets the token pass", () => withExample("namespaces", async (client) => {
  const admin = client("/admin", { auth: { token: "guess" } });
  const [error] = await next(admin, "connect_error");
  assert.equal(error.message, "not authorized");
  assert.deepEqual(error.data, { code: "E_TOKEN", retry: true });
  admin.auth.token = "open";
  admin.connect();
  assert.deepEqual(await next(admin, "role"), ["admin"]);
  const everybody = client();
  everybody.emit("report", "the kettle boils");
  assert.deepEqual(await next(admin, "report"), [everybody.id, "the kettle boils"]);
}));

test("namespaces: a team is made when it is asked for, and is not another team", () => withExample("namespaces", async (client) => {
  const seven = client("/team-7");
  assert.deepEqual(await next(seven, "welcome"), ["/team-7"]);
  const eight = client("/team-8");
  assert.deepEqual(await next(eight, "welcome"), ["/team-8"]);
  const joined = next(seven, "joined");
  const another = client("/team-7");
  await next(another, "welcome");
  assert.deepEqual(await joined, [another.id]);
  const [error] = await next(client("/team-x"), "connect_error");
  assert.equal(error.message, "Invalid namespace");
}));

test("recovery: cut off again and again, the socket keeps its id and data and misses nothing", () => withExample("recovery", async (client) => {
  const socket = client("", { query: { name: "Ada" }, reconnectionDelay: 300, reconnectionDelayMax: 300 });
  const ticks = [];
  socket.on("tick", (number) => ticks.push(number));
  await once(socket, "connect");
  assert.equal(socket.recovered, false);
  const { id } = socket;
  for (let round = 0; round < 3; round++) {
    await next(socket, "tick");
    socket.io.engine.close();
    await next(socket, "connect");
    assert.equal(socket.recovered, true);
    const who = await new Promise((done) => socket.emit("who am I", (...answer) => done(answer)));
    assert.deepEqual(who, [id, "Ada"]);
  }
  await next(socket, "tick");
  assert.deepEqual(ticks, ticks.map((_, i) => ticks[0] + i), "no tick is missing, none came twice");
}));

test("embedding: routes of the program's own beside the sockets", () => withExample("embedding", async (client, server) => {
  const socket = client();
  await once(socket, "connect");
  assert.deepEqual(await (await fetch(`${server.url}/stats`)).json(), { sockets: 1 });
  const announced = next(socket, "announcement");
  assert.equal((await fetch(`${server.url}/announce`, { method: "POST", body: "Dinner is ready" })).status, 202);
  assert.deepEqual(await announced, ["Dinner is ready"]);
  assert.equal((await fetch(`${server.url}/announce`, { method: "POST", body: "x".repeat(1025) })).status, 413);
  assert.equal((await fetch(server.url)).status, 404);
}));
