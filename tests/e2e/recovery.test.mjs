// A tab that asks for recovery and loses its connection for a while: it gets what it missed, and nobody else ever does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Person, connected, online, texts, until } from "../people.mjs";
import { Server } from "../support.mjs";

let server;
before(async () => { server = await Server.start({ flags: ["--rate-limits", "off", "--loops", "4"] }); });
after(() => server.stop());

let people = 0;
const somebody = () => Person.signUp(server, `wanderer${++people}`);

// Back by hand, so that the test says when. `auth` is what its CONNECT packets say beside the private id and the offset.
async function tab(person, options = {}) {
  const socket = person.socket({ auth: { recover: true }, reconnection: false, ...options });
  await connected(socket);
  if (!options.anonymous) await until(() => online(socket)?.includes(person.id), "own presence");
  return socket;
}

async function lose(socket) {
  socket.io.engine.close();
  await until(() => !socket.connected, "the connection is lost");
}

async function comeBack(socket) {
  socket.connect();
  await connected(socket);
}

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
  test(`what was missed comes once and in order, three times in a row: ${transports.join(" and ")}`, async () => {
    const [alice, bob] = [await somebody(), await somebody()];
    const socket = await tab(bob, { transports });
    const { id } = socket;
    const said = [];
    const say = async (text) => {
      said.push(text);
      assert.equal((await alice.send(bob, text)).status, 201);
    };
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) await say(`${round} there ${i}`);
      await until(() => texts(socket).length === said.length, "what is said while it is there");
      await lose(socket);
      for (let i = 0; i < 5; i++) await say(`${round} away ${i}`);
      await comeBack(socket);
      assert.equal(socket.recovered, true);
      assert.equal(socket.id, id);
    }
    await say("the end");
    await until(() => texts(socket).at(-1) === "the end", "the last message");
    assert.deepEqual(texts(socket), said);
    await until(() => online(socket)?.includes(bob.id), "it counts for presence again");
    socket.disconnect();
  });
}

test("who logs out while the connection is away gets nothing", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const socket = await tab(bob);
  await alice.send(bob, "before");
  await until(() => texts(socket).length === 1, "the first message");
  await lose(socket);
  await alice.send(bob, "secret");
  assert.equal((await bob.logOut()).status, 200);
  await comeBack(socket);
  assert.equal(socket.recovered, false);
  await alice.send(bob, "secret too");
  const probe = await tab(alice);
  const again = await bob.logInAgain();
  assert.equal((await again.send(alice, "later")).status, 201);
  await until(() => texts(probe).includes("later"), "a message that was sent later has arrived elsewhere");
  assert.deepEqual(texts(socket), ["before"]);
  socket.disconnect();
  probe.disconnect();
});

test("a private id in other hands opens nothing: another user, and nobody", async () => {
  const [alice, bob, mallory] = [await somebody(), await somebody(), await somebody()];
  for (const anonymous of [false, true]) {
    const socket = await tab(bob);
    const pid = socket._pid;
    assert.equal(typeof pid, "string");
    await lose(socket);
    await alice.send(bob, "for bob only");
    const thief = await tab(mallory, { auth: { recover: true, pid, offset: socket._lastOffset }, anonymous });
    assert.equal(thief.recovered, false);
    assert.notEqual(thief.id, socket.id);
    await alice.send(bob, "and this");
    await alice.send(mallory, "for mallory");
    if (!anonymous) await until(() => texts(thief).includes("for mallory"), "mallory's own message");
    assert.ok(!texts(thief).some((text) => ["for bob only", "and this"].includes(text)));
    thief.disconnect();
  }
});

test("who does not ask sees no offsets and gets a new socket", async () => {
  const [alice, bob] = [await somebody(), await somebody()];
  const socket = bob.socket();
  await connected(socket);
  await until(() => online(socket)?.includes(bob.id), "own presence");
  const { id } = socket;
  assert.equal(socket._pid, undefined);
  await alice.send(bob, "hello");
  await until(() => texts(socket).length === 1, "the message");
  assert.equal(socket.inbox.find(([event]) => event === "newMessage").length, 2);
  await lose(socket);
  await alice.send(bob, "missed");
  await comeBack(socket);
  assert.ok(!socket.recovered);
  assert.notEqual(socket.id, id);
  assert.deepEqual(texts(socket), ["hello"]);
  socket.disconnect();
});
