// The official client over each transport; tabs; who a socket is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { Person, connected, events, forgeToken, online, seesOnline, sleep, texts, transport, until } from "../people.mjs";
import { Server } from "../support.mjs";

let server;
before(async () => { server = await Server.start({ flags: ["--rate-limits", "off", "--loops", "4"] }); });
after(() => server.stop());

let people = 0;
const somebody = () => Person.signUp(server, `person${++people}`);

for (const [name, transports, final] of [
  ["polling only", ["polling"], "polling"],
  ["websocket only", ["websocket"], "websocket"],
  ["polling, then the upgrade", ["polling", "websocket"], "websocket"],
]) {
  test(`a message arrives once: ${name}`, async () => {
    const [alice, bob] = [await somebody(), await somebody()];
    const socket = bob.socket({ transports });
    await connected(socket);
    await until(() => transport(socket) === final, `transport ${final}`);
    await until(() => online(socket)?.includes(bob.id), "own presence");
    for (let i = 0; i < 20; i++) assert.equal((await alice.send(bob, `m${i}`)).status, 201);
    await until(() => texts(socket).length >= 20, "20 messages");
    await sleep(100);
    assert.deepEqual(texts(socket), Array.from({ length: 20 }, (_, i) => `m${i}`));
    socket.disconnect();
  });
}

test("messages during the upgrade arrive once and in order", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  for (let round = 0; round < 10; round++) {
    const socket = bob.socket();
    await connected(socket);
    await until(() => online(socket)?.includes(bob.id), "own presence");
    const count = 30;
    for (let i = 0; i < count; i++) await alice.send(bob, `${round}.${i}`);
    await until(() => texts(socket).length >= count, "all messages");
    assert.deepEqual(texts(socket), Array.from({ length: count }, (_, i) => `${round}.${i}`));
    socket.disconnect();
  }
});

test("two tabs: both are told, and the person is online until the last one closes", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const watcher = bob.socket();
  const [first, second] = [alice.socket(), alice.socket({ transports: ["websocket"] })];
  await seesOnline(watcher, [alice, bob]);
  await Promise.all([connected(first), connected(second)]);
  await Promise.all([seesOnline(first, [alice, bob]), seesOnline(second, [alice, bob])]);
  await bob.send(alice, "to both");
  await until(() => texts(first).length && texts(second).length, "both tabs are told");
  first.disconnect();
  await sleep(400);
  assert.ok(online(watcher).includes(alice.id), "one tab is left");
  await bob.send(alice, "to the one left");
  await until(() => texts(second).length === 2, "the tab left is told");
  second.disconnect();
  await seesOnline(watcher, [bob]);
  watcher.disconnect();
});

test("the sender's other sockets get messageSent, the one that sent does not", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const [sending, other] = [alice.socket(), alice.socket()];
  await Promise.all([seesOnline(sending, [alice]), seesOnline(other, [alice])]);
  const reply = await alice.request("POST", `/api/messages/send/${bob.id}`, { message: "hi", clientId: "c-1" }, { "X-Socket-Id": sending.id });
  assert.equal(reply.status, 201);
  await until(() => events(other, "messageSent").length, "messageSent");
  assert.deepEqual(events(other, "messageSent")[0][0], { ...reply.json, clientId: "c-1" });
  await sleep(200);
  assert.deepEqual(events(sending, "messageSent"), []);
  assert.deepEqual([...texts(sending), ...texts(other)], []);
  for (const socket of [sending, other]) socket.disconnect();
});

test("another person's socket id in X-Socket-Id silences nobody", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const socket = bob.socket();
  await seesOnline(socket, [bob]);
  await alice.send(bob, "hi", { "X-Socket-Id": socket.id });
  await until(() => texts(socket).length === 1, "newMessage");
  socket.disconnect();
});

test("pending: no cookie while polling, cookie on the upgrade", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const socket = alice.socket({ cookieOn: "websocket" });
  await seesOnline(socket, [alice]);
  assert.equal(transport(socket), "websocket");
  await bob.send(alice, "hello");
  await until(() => texts(socket).length === 1, "newMessage");
  socket.disconnect();
});

test("pending for good: an upgrade that never comes leaves a socket that is told nothing", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const socket = alice.socket({ transports: ["polling"], anonymous: true });
  await connected(socket);
  const watcher = bob.socket();
  await seesOnline(watcher, [bob]);
  await bob.send(alice, "not for strangers");
  await sleep(500);
  assert.deepEqual(socket.inbox, []);
  assert.ok(!online(watcher).includes(alice.id));
  for (const each of [socket, watcher]) each.disconnect();
});

test("an upgrade with another person's cookie is refused and changes nothing", async () => {
  const [alice, mallory] = [await somebody(), await somebody()];
  const handshake = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { Cookie: alice.cookie } });
  const { sid } = JSON.parse((await handshake.text()).slice(1));
  const refused = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, {
    method: "POST", body: "40", headers: { Cookie: alice.cookie, "Content-Type": "text/plain" },
  });
  assert.equal(await refused.text(), "ok");
  const status = await new Promise((done) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${sid}`, { headers: { Cookie: mallory.cookie } });
    socket.on("unexpected-response", (_, response) => done(response.statusCode));
    socket.on("open", () => done("open"));
    socket.on("error", () => {});
  });
  assert.equal(status, 400);
  const poll = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { headers: { Cookie: alice.cookie } });
  assert.match(await poll.text(), /^40\{"sid"/);
  await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: "1", headers: { Cookie: alice.cookie, "Content-Type": "text/plain" } });
});

test("auth.token says who it is, a bad one counts as none", async () => {
  const alice = await somebody();
  const token = alice.cookie.slice("jwt=".length);
  const good = alice.socket({ anonymous: true, auth: { token } });
  await seesOnline(good, [alice]);
  const bad = alice.socket({ anonymous: true, auth: { token: `${token}x` } });
  await connected(bad);
  await sleep(300);
  assert.deepEqual(bad.inbox, []);
  for (const socket of [good, bad]) socket.disconnect();
});

test("logging out disconnects that login's sockets, not those of others", async () => {
  const alice = await somebody();
  const elsewhere = await alice.logInAgain();
  const [gone, stays] = [alice.socket(), elsewhere.socket()];
  await Promise.all([seesOnline(gone, [alice]), seesOnline(stays, [alice])]);
  let reason;
  gone.on("disconnect", (why) => { reason = why; });
  await alice.logOut();
  await until(() => reason, "disconnect");
  assert.equal(reason, "io server disconnect");
  await sleep(200);
  assert.ok(stays.connected);
  stays.disconnect();
});

test("a log-out while the upgrade is in flight leaves no socket behind", async () => {
  const watching = await somebody();
  const watcher = watching.socket();
  await seesOnline(watcher, [watching]);
  for (let round = 0; round < 20; round++) {
    const alice = await somebody();
    const socket = alice.socket({ cookieOn: "websocket" });
    await connected(socket);
    await sleep(round);
    await alice.logOut();
    // Whether the upgrade came before or after, nobody is online with an ended login.
    await until(() => !online(watcher).includes(alice.id), "offline after the log-out");
    await sleep(30);
    assert.ok(!online(watcher).includes(alice.id));
    socket.disconnect();
  }
  watcher.disconnect();
});

test("a socket goes when its token expires", async () => {
  const alice = await somebody();
  const socket = alice.socket({ anonymous: true, auth: { token: forgeToken(alice.id, { lifetime: 2 }) } });
  await seesOnline(socket, [alice]);
  let reason;
  socket.on("disconnect", (why) => { reason = why; });
  await until(() => reason, "disconnect");
  assert.equal(reason, "io server disconnect");
});

test("a token without an end, or with a far one, keeps its socket", async () => {
  const alice = await somebody();
  for (const exp of [undefined, 16_725_225_600]) {
    const socket = alice.socket({ anonymous: true, auth: { token: forgeToken(alice.id, { exp }) } });
    await seesOnline(socket, [alice]);
    await sleep(200);
    assert.ok(socket.connected);
    socket.disconnect();
  }
});

test("an upgrade with another person's cookie is refused where auth.token has said who it is", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const handshake = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse((await handshake.text()).slice(1));
  const target = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  const post = (body) => fetch(target, { method: "POST", body, headers: { "Content-Type": "text/plain" } });
  await post(`40${JSON.stringify({ token: alice.cookie.slice("jwt=".length) })}`);
  await until(async () => (await (await fetch(target)).text()).includes("getOnlineUsers"), "alice is known");
  const status = await new Promise((done) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket&sid=${sid}`, { headers: { Cookie: bob.cookie } });
    socket.on("unexpected-response", (_, response) => done(response.statusCode));
    socket.on("open", () => done("open"));
    socket.on("error", () => {});
  });
  assert.equal(status, 400);
  await post("1");
});

test("anonymous sockets are capped per address", async () => {
  const capped = await Server.start({ flags: ["--rate-limits", "off", "--max-anonymous-sockets", "5"] });
  try {
    const alice = await Person.signUp(capped, "alice");
    const strangers = Array.from({ length: 5 }, () => alice.socket({ anonymous: true, transports: ["websocket"] }));
    await Promise.all(strangers.map(connected));
    const sixth = alice.socket({ anonymous: true, transports: ["websocket"] });
    const error = await new Promise((done) => sixth.on("connect_error", done));
    assert.ok(error);
    const known = alice.socket();
    await seesOnline(known, [alice]);
    strangers[0].disconnect();
    const next = alice.socket({ anonymous: true, transports: ["websocket"], reconnection: true, reconnectionDelay: 50 });
    await connected(next);
    for (const socket of [...strangers, sixth, known, next]) socket.disconnect();
  } finally {
    await capped.stop();
  }
});
