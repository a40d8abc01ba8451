// The list of conversations and what is unread in it, on a database where the original writes too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshName, missingDatabase, startDatabase } from "../databases.mjs";
import { Person, connected, events, seesOnline, sleep, until } from "../people.mjs";
import { MongooseSite, objectId } from "./mongoose_site.mjs";
import { arrayIsWhole, logIn, messagesOf, serve } from "./world.mjs";

const kinds = ["secantus", "ferretdb"];
const databases = {};
before(async () => { for (const kind of kinds) if (!missingDatabase(kind)) databases[kind] = await startDatabase(kind); }, { timeout: 120_000 });
after(() => Object.values(databases).forEach((database) => database.remove()));

async function site(kind) {
  const uri = databases[kind].uri(freshName());
  const mongoose = await MongooseSite.open(uri);
  mongoose.uri = uri;
  return mongoose;
}

async function list(person) {
  const reply = await person.request("GET", "/api/conversations");
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}
const entry = async (person, peer) => (await list(person)).find(({ user }) => user._id === peer.id);
const unread = async (person, peer) => (await entry(person, peer))?.unreadCount;
const mark = async (person, peer, body = {}) => {
  const reply = await person.request("PUT", `/api/conversations/${peer.id}/read`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};

for (const kind of kinds) {
  const on = { skip: missingDatabase(kind), timeout: 120_000 };
  test(`${kind}: what Mongoose stored before counts as read, what it stores then is unread until it is marked or answered`, on, async () => {
    const mongoose = await site(kind);
    const [alice, bob] = [await mongoose.signUp("alice"), await mongoose.signUp("bob", { gender: "female" })];
    for (let i = 0; i < 3; i++) await mongoose.send(bob, alice, `before ${i}`);
    let server = await serve(mongoose.uri);
    let [ours, his] = [await logIn(server, alice), await logIn(server, bob)];
    assert.deepEqual([await unread(ours, bob), await unread(his, alice)], [0, 0]);

    const first = await mongoose.send(bob, alice, "while it runs");
    const second = await mongoose.send(bob, alice, "and again: ünïcödé 👋");
    const seen = await entry(ours, bob);
    assert.equal(seen.unreadCount, 2);
    assert.equal(seen.lastReadMessageId, null);
    assert.equal(seen.lastActivityAt, second.createdAt.toISOString());
    assert.deepEqual(seen.lastMessage, JSON.parse(JSON.stringify(second.toObject())));
    assert.deepEqual(seen.user, (await ours.request("GET", "/api/users")).json[0]);
    assert.equal(await unread(his, alice), 0);

    const stored = await messagesOf(mongoose, alice, bob);
    assert.deepEqual(await mark(ours, bob, { messageId: first._id.toString() }), { userId: bob.id, lastReadMessageId: first._id.toString(), unreadCount: 1 });
    assert.deepEqual(await mark(ours, bob), { userId: bob.id, lastReadMessageId: second._id.toString(), unreadCount: 0 });
    assert.deepEqual(await messagesOf(mongoose, alice, bob), stored, "the original's documents stay as they are");
    await mongoose.send(bob, alice, "one more");
    assert.equal(await unread(ours, bob), 1);
    await mongoose.send(alice, bob, "answered there");
    assert.deepEqual([await unread(ours, bob), await unread(his, alice)], [0, 1]);

    await server.kill();
    server = await serve(mongoose.uri);
    [ours, his] = [await logIn(server, alice), await logIn(server, bob)];
    assert.deepEqual([await unread(ours, bob), await unread(his, alice)], [0, 1]);
    assert.equal((await entry(ours, bob)).lastReadMessageId, second._id.toString());
    await server.stop();
    await mongoose.close();
  });

  test(`${kind}: duplicate conversations, notes to self and somebody who is gone`, on, async () => {
    const mongoose = await site(kind);
    const server = await serve(mongoose.uri);
    const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map((name) => Person.signUp(server, name)));
    await carol.send(alice, "from carol");
    await alice.send(bob, "to bob");
    await arrayIsWhole(mongoose, alice, bob);
    const both = [bob, alice].map(({ id }) => objectId(id));
    await mongoose.raw("conversations").insertOne({ _id: objectId(), participants: both, messages: [], createdAt: new Date(), updatedAt: new Date(), __v: 0 });
    await mongoose.send(alice, alice, "a note, in somebody's conversation");
    await mongoose.raw("users").deleteOne({ _id: objectId(carol.id) });
    const entries = await list(alice);
    assert.deepEqual(entries.map(({ user, lastMessage, unreadCount }) => [user.username ?? user, lastMessage.message, unreadCount]), [
      ["alice", "a note, in somebody's conversation", 0], ["bob", "to bob", 0], [{ _id: carol.id, deleted: true }, "from carol", 1],
    ]);
    await server.stop();
    await mongoose.close();
  });
}

test("a mark at one server reaches the sockets at the other, once", { skip: missingDatabase("secantus"), timeout: 120_000 }, async () => {
  const mongoose = await site("secantus");
  const servers = [await serve(mongoose.uri), await serve(mongoose.uri)];
  const [alice, bob] = [await Person.signUp(servers[0], "alice"), await Person.signUp(servers[0], "bob")];
  const there = await logIn(servers[1], alice);
  const sockets = [alice.socket(), there.socket(), (await logIn(servers[1], bob)).socket()];
  await Promise.all(sockets.map(connected));
  await seesOnline(sockets[1], [alice, bob]);
  const sent = [];
  for (const text of ["one", "two", "three"]) sent.push((await bob.send(alice, text)).json);
  await until(() => events(sockets[1], "newMessage").length === 3, "the messages at the other server");
  const states = [await mark(alice, bob, { messageId: sent[0]._id }), await mark(there, bob, { messageId: sent[1]._id }), await mark(alice, bob)];
  assert.deepEqual(states.map(({ unreadCount }) => unreadCount), [2, 1, 0]);
  for (const socket of sockets.slice(0, 2)) {
    const reads = () => events(socket, "conversationRead").map(([state]) => state);
    await until(() => reads().at(-1)?.unreadCount === 0, "the last mark");
    await sleep(300);
    // One that a later one has overtaken may be missing; none comes twice or late.
    assert.deepEqual(reads(), states.filter((state) => reads().some(({ lastReadMessageId }) => lastReadMessageId === state.lastReadMessageId)));
  }
  assert.deepEqual(events(sockets[2], "conversationRead"), []);
  for (const socket of sockets) socket.disconnect();
  for (const server of servers) await server.stop();
  await mongoose.close();
});
