// The list of conversations and what is read, with real clients: two tabs, a kill, a restart.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";

import { Person, connected, events, seesOnline, sleep, texts, until } from "../people.mjs";
import { Server, freshFolder } from "../support.mjs";

const list = async (person, query = "") => {
  const reply = await person.request("GET", `/api/conversations${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const mark = (person, other, body, headers) => person.request("PUT", `/api/conversations/${other.id}/read`, body, headers);
const reads = (socket) => events(socket, "conversationRead").map(([state]) => state);

async function world(flags = []) {
  const dataDir = freshFolder();
  let server = await Server.start({ flags: ["--rate-limits", "off", "--loops", "2", ...flags], dataDir });
  const people = await Promise.all(["alice", "bob", "carol"].map((name) => Person.signUp(server, name)));
  return {
    people,
    get server() { return server; },
    async killAndStart() {
      await server.kill();
      server = await Server.start({ flags: ["--rate-limits", "off", "--loops", "2", ...flags], dataDir });
      for (const person of people) person.server = server;
    },
    async end() {
      await server.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}

test("the list: latest first, with the user and the message as the other routes give them", async () => {
  const { people: [alice, bob, carol], end } = await world();
  assert.deepEqual(await list(alice), []);
  await alice.send(bob, "hi bob");
  await alice.send(alice, "a note");
  await carol.send(alice, "hi alice");
  await bob.send(carol, "not for alice");

  const users = (await alice.request("GET", "/api/users")).json;
  const own = (await alice.request("GET", `/api/users/${alice.id}`)).json;
  const entries = await list(alice);
  assert.deepEqual(entries.map(({ user }) => user), [users.find(({ _id }) => _id === carol.id), own, users.find(({ _id }) => _id === bob.id)]);
  assert.deepEqual(entries.map(({ unreadCount }) => unreadCount), [1, 0, 0]);
  for (const [i, peer] of [carol, alice, bob].entries()) {
    const [last] = await alice.history(peer);
    assert.deepEqual(entries[i].lastMessage, last);
    assert.equal(entries[i].lastActivityAt, last.createdAt);
    assert.equal(entries[i].lastReadMessageId, null);
    assert.deepEqual(Object.keys(entries[i]), ["user", "lastMessage", "lastActivityAt", "unreadCount", "lastReadMessageId"]);
  }
  await end();
});

test("pages go on by X-Next-Cursor", async () => {
  const { people: [alice, bob, carol], end } = await world();
  for (const peer of [alice, bob, carol]) await alice.send(peer, "x");
  const seen = [];
  for (let query = "?limit=1"; query;) {
    const reply = await alice.request("GET", `/api/conversations${query}`);
    seen.push(...reply.json.map(({ user }) => user._id));
    const cursor = reply.headers.get("X-Next-Cursor");
    query = cursor && `?limit=1&cursor=${encodeURIComponent(cursor)}`;
  }
  assert.deepEqual(seen, [carol.id, bob.id, alice.id]);
  await end();
});

test("a mark in one tab reaches the other, not the one named, nobody else, and only when it moves", async () => {
  const { people: [alice, bob, carol], end } = await world();
  const [first, second] = [alice.socket(), alice.socket({ transports: ["polling"] })];
  const others = [bob.socket(), carol.socket()];
  await Promise.all([first, second, ...others].map(connected));
  await Promise.all([seesOnline(first, [alice, bob, carol]), seesOnline(second, [alice, bob, carol])]);
  const sent = [];
  for (const text of ["one", "two", "three"]) sent.push((await bob.send(alice, text)).json);
  await until(() => texts(first).length === 3 && texts(second).length === 3, "the messages");
  assert.equal((await list(alice))[0].unreadCount, 3);

  const state = { userId: bob.id, lastReadMessageId: sent[1]._id, unreadCount: 1 };
  const reply = await mark(alice, bob, { messageId: sent[1]._id }, { "X-Socket-Id": first.id });
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.json, state);
  await until(() => reads(second).length === 1, "conversationRead");
  assert.deepEqual(reads(second), [state]);

  // Neither the same again nor an earlier one moves it.
  for (const messageId of [sent[1]._id, sent[0]._id]) assert.deepEqual((await mark(alice, bob, { messageId })).json, state);
  const all = { userId: bob.id, lastReadMessageId: sent[2]._id, unreadCount: 0 };
  assert.deepEqual((await mark(alice, bob)).json, all);
  await until(() => reads(first).length && reads(second).length === 2, "conversationRead to both");
  assert.deepEqual((await mark(alice, bob, {})).json, all);
  await sleep(200);
  assert.deepEqual(reads(first), [all]);
  assert.deepEqual(reads(second), [state, all]);
  for (const socket of others) assert.deepEqual(reads(socket), []);
  assert.deepEqual((await list(alice)).map(({ unreadCount, lastReadMessageId }) => [unreadCount, lastReadMessageId]), [[0, sent[2]._id]]);
  for (const socket of [first, second, ...others]) socket.disconnect();
  await end();
});

test("who answers has read, and what comes then is unread again", async () => {
  const { people: [alice, bob], end } = await world();
  for (let i = 0; i < 5; i++) await bob.send(alice, `m${i}`);
  const unread = async (person) => (await list(person))[0].unreadCount;
  assert.equal(await unread(alice), 5);
  await alice.send(bob, "all read");
  assert.deepEqual([await unread(alice), await unread(bob)], [0, 1]);
  await bob.send(alice, "and now?");
  assert.deepEqual([await unread(alice), await unread(bob)], [1, 0]);
  await end();
});

test("an answered mark is there after kill -9, and a restart changes nothing", async () => {
  const place = await world();
  const [alice, bob, carol] = place.people;
  for (let round = 0; round < 4; round++) {
    const sent = [];
    for (let i = 0; i < 3; i++) sent.push((await bob.send(alice, `${round}.${i}`)).json);
    await carol.send(alice, "unread for good");
    const { status, json } = await mark(alice, bob, { messageId: sent[1]._id });
    assert.equal(status, 200);
    await place.killAndStart();
    const [carols, bobs] = await list(alice);
    assert.deepEqual([bobs.user._id, bobs.lastReadMessageId, bobs.unreadCount], [bob.id, json.lastReadMessageId, 1]);
    assert.deepEqual([carols.user._id, carols.lastReadMessageId, carols.unreadCount], [carol.id, null, round + 1]);
  }
  await place.end();
});

test("what a tab missed while it was away comes with its recovery", async () => {
  const { people: [alice, bob], end } = await world();
  const socket = alice.socket({ auth: { recover: true }, reconnection: true, reconnectionDelay: 20, randomizationFactor: 0 });
  await connected(socket);
  await seesOnline(socket, [alice]);
  await bob.send(alice, "one");
  await until(() => texts(socket).length === 1, "the message");
  const back = new Promise((done) => { socket.io.on("reconnect", done); });
  socket.io.engine.close();
  const { json } = await mark(alice, bob);
  await back;
  await until(() => reads(socket).length === 1, "conversationRead");
  assert.deepEqual(reads(socket), [json]);
  socket.disconnect();
  await end();
});

test("marks and lists that cannot be are refused, and tell nothing of others", async () => {
  const { server, people: [alice, bob, carol], end } = await world();
  const ours = (await bob.send(alice, "x")).json;
  const foreign = (await bob.send(carol, "secret")).json;
  const unknown = await mark(alice, bob, { messageId: "0123456789abcdef01234567" });
  assert.equal(unknown.status, 404);
  for (const [other, messageId] of [[bob, foreign._id], [carol, foreign._id], [carol, ours._id], [alice, ours._id]]) {
    const reply = await mark(alice, other, { messageId });
    assert.deepEqual([reply.status, reply.text], [404, unknown.text]);
  }
  for (const messageId of [null, 7, "", "x", `${ours._id}0`, {}, [ours._id]]) assert.equal((await mark(alice, bob, { messageId })).status, 400);
  assert.equal((await alice.request("PUT", "/api/conversations/nonsense/read", {})).status, 400);
  const raw = (body, type = "application/json") => fetch(`${server.url}/api/conversations/${bob.id}/read`, {
    method: "PUT", body, headers: { Cookie: alice.cookie, "Content-Type": type },
  });
  for (const body of ["{", "x", "[]", "null"]) assert.equal((await raw(body)).status, 400);
  assert.equal((await raw("{}", "text/plain")).status, 415);
  for (const query of ["?limit=0", "?limit=501", "?limit=x", "?cursor=nonsense", "?cursor=%FF"]) {
    assert.equal((await alice.request("GET", `/api/conversations${query}`)).status, 400, query);
  }
  alice.cookie = "";
  assert.equal((await mark(alice, bob)).status, 401);
  assert.equal((await alice.request("GET", "/api/conversations")).status, 401);
  assert.equal((await alice.request("GET", `/api/users/${bob.id}`)).status, 401);
  await end();
});
