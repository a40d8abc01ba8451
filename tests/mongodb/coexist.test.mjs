// One database, two kinds of server: what Mongoose writes is read here, what is written here is read by Mongoose, and both hear of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { freshName, missingDatabase, startDatabase } from "../databases.mjs";
import { Person, connected, events, seesOnline, sleep, texts, until } from "../people.mjs";
import { scaled } from "../support.mjs";
import { MongooseSite, objectId } from "./mongoose_site.mjs";
import { arrayIsWhole, idsOf, logIn, messagesOf, openGate, serve, textsOf, through } from "./world.mjs";

const kinds = ["secantus", "ferretdb"];
const databases = {};
before(async () => { for (const kind of kinds) if (!missingDatabase(kind)) databases[kind] = await startDatabase(kind); }, { timeout: 120_000 });
after(() => Object.values(databases).forEach((database) => database.remove()));
const secantus = { skip: missingDatabase("secantus"), timeout: 120_000 };

const seenByUs = 6000; // what the other server writes is seen within 5 s

/** A Mongoose site on a new database, and its URI. */
async function site(kind = "secantus") {
  const uri = databases[kind].uri(freshName());
  const mongoose = await MongooseSite.open(uri);
  mongoose.uri = uri;
  return mongoose;
}

for (const kind of kinds) {
  const on = { skip: missingDatabase(kind), timeout: 120_000 };
  test(`${kind}: users and messages of Mongoose are read over REST`, on, async () => {
    const mongoose = await site(kind);
    const [alice, bob] = [await mongoose.signUp("alice"), await mongoose.signUp("bob", { gender: "female" })];
    await mongoose.send(alice, bob, "before the start");
    const server = await serve(mongoose.uri);
    const ours = await logIn(server, alice);

    const list = await ours.request("GET", "/api/users");
    assert.equal(list.json.length, 1);
    assert.deepEqual(Object.keys(list.json[0]).sort(), ["__v", "_id", "createdAt", "fullName", "gender", "profilePic", "updatedAt", "username"]);
    const stored = await mongoose.User.findById(bob.id).lean();
    assert.deepEqual(list.json[0], JSON.parse(JSON.stringify({ ...stored, password: undefined })));

    await mongoose.send(bob, alice, "while it runs: ünïcödé 👋");
    const carol = await mongoose.signUp("carol");
    await until(async () => (await ours.history(bob)).length === 2, "the other server's message", seenByUs);
    const expected = JSON.parse(JSON.stringify((await mongoose.history(alice, bob)).map((message) => message.toObject())));
    assert.deepEqual(await ours.history(bob), expected);
    await until(async () => (await ours.request("GET", "/api/users")).json.length === 2, "the other server's user", seenByUs);
    assert.equal((await (await logIn(server, carol)).send(alice, "hello")).status, 201);
    await server.stop();
    await mongoose.close();
  });

  test(`${kind}: what REST writes, Mongoose reads with populate, in order and in its own types`, on, async () => {
    const mongoose = await site(kind);
    const server = await serve(mongoose.uri);
    const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
    const sent = [];
    for (let i = 0; i < 12; i++) {
      const [from, to] = i % 3 ? [alice, bob] : [bob, alice];
      sent.push((await from.send(to, `text ${i}`)).json);
    }
    await arrayIsWhole(mongoose, alice, bob);
    const read = await mongoose.history(alice, bob);
    assert.deepEqual(JSON.parse(JSON.stringify(read)).map(({ _id, senderId, message, createdAt }) => ({ _id, senderId, message, createdAt })),
      sent.map(({ _id, senderId, message, createdAt }) => ({ _id, senderId, message, createdAt })));
    assert.equal((await mongoose.users(alice))[0].username, "bob");

    const types = async (collection) => (await mongoose.raw(collection).find({}, { promoteValues: false }).toArray())
      .map((document) => Object.entries(document).map(([name, value]) => `${name}: ${value._bsontype ?? value.constructor.name}`).join(", "));
    assert.deepEqual([...new Set(await types("messages"))],
      ["_id: ObjectId, senderId: ObjectId, receiverId: ObjectId, message: String, createdAt: Date, updatedAt: Date, __v: Int32"]);
    assert.deepEqual([...new Set(await types("conversations"))],
      ["_id: ObjectId, participants: Array, messages: Array, createdAt: Date, updatedAt: Date, __v: Int32"]);
    assert.deepEqual([...new Set(await types("users"))], ["_id: ObjectId, fullName: String, username: String, password: String, gender: String, " +
      "profilePic: String, createdAt: Date, updatedAt: Date, __v: Int32"]);
    const [conversation] = await mongoose.conversations(alice, bob);
    assert.equal(conversation.__v, 12);
    await server.stop();
    await mongoose.close();
  });

  for (const first of ["Mongoose", "REST"]) {
    test(`${kind}: alternating sends, ${first} first: one conversation document, one order for both readers`, on, async () => {
      const mongoose = await site(kind);
      const server = await serve(mongoose.uri);
      const people = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
      const expected = [];
      for (let turn = 0; turn < 40; turn++) {
        const [from, to] = turn % 4 < 2 ? people : [...people].reverse();
        const text = `turn ${turn}`;
        if (turn % 2 === (first === "REST" ? 0 : 1)) assert.equal((await from.send(to, text)).status, 201);
        else await mongoose.send(from, to, text);
        expected.push(text);
        // Each side gives times by its own clock, in milliseconds: two turns in one would have no order.
        await sleep(2);
      }
      await arrayIsWhole(mongoose, ...people);
      assert.deepEqual(await mongoose.texts(...people), expected);
      await until(async () => (await people[0].history(people[1])).length === expected.length, "the whole history", seenByUs);
      assert.deepEqual(textsOf(await people[0].history(people[1])), expected);
      await server.stop();
      await mongoose.close();
    });
  }
}

test("first messages of 16 clients at two servers at once make one conversation", secantus, async () => {
  const mongoose = await site();
  const servers = [await serve(mongoose.uri), await serve(mongoose.uri)];
  for (let round = 0; round < scaled(6, 2); round++) {
    const people = [await Person.signUp(servers[0], `alice${round}`), await Person.signUp(servers[0], `bob${round}`)];
    const clients = [];
    for (let i = 0; i < 16; i++) {
      const [from, to] = i % 2 ? people : [...people].reverse();
      clients.push([await logIn(servers[i % 4 < 2 ? 0 : 1], from), to]);
    }
    const replies = await Promise.all(clients.map(([from, to], i) => from.send(to, `first of ${i}`)));
    assert.deepEqual(replies.map(({ status }) => status), Array(16).fill(201));
    await arrayIsWhole(mongoose, ...people);
    assert.deepEqual(idsOf(await people[0].history(people[1])).sort(), replies.map(({ json }) => json._id).sort());
  }
  for (const server of servers) await server.stop();
  await mongoose.close();
});

/** Two conversation documents for one pair as the original's race leaves them, with a dangling id and the note to self that its defect puts there. */
async function tornConversation(mongoose, alice, bob) {
  const stored = [];
  const start = Date.now() - 60_000;
  const put = async (from, to, message, at) => {
    const createdAt = new Date(start + at);
    const document = { _id: objectId(), senderId: objectId(from.id), receiverId: objectId(to.id), message, createdAt, updatedAt: createdAt, __v: 0 };
    await mongoose.raw("messages").insertOne(document);
    stored.push(document);
    return document._id;
  };
  const [m0, m1, m2, m3] = [await put(alice, bob, "m0", 0), await put(bob, alice, "m1", 1000), await put(alice, bob, "m2", 2000), await put(bob, alice, "m3", 3000)];
  const note = await put(alice, alice, "note to self", 1500);
  const lonely = await put(alice, bob, "named by no array", 2500);
  assert.ok(lonely);
  const document = (participants, messages) => ({
    _id: objectId(), participants: participants.map(({ id }) => objectId(id)), messages,
    createdAt: new Date(start), updatedAt: new Date(start), __v: messages.length,
  });
  await mongoose.raw("conversations").insertOne(document([alice, bob], [m0, note, objectId(), m2]));
  await mongoose.raw("conversations").insertOne(document([bob, alice], [m1, m3]));
  return ["m0", "m1", "m2", "named by no array", "m3"];
}

test("a conversation in two halves reads as one, and the half that Mongoose reads is made whole", secantus, async () => {
  const mongoose = await site();
  const [alice, bob, carol] = [await mongoose.signUp("alice"), await mongoose.signUp("bob"), await mongoose.signUp("carol")];
  const whole = await tornConversation(mongoose, alice, bob);
  await mongoose.send(alice, carol, "not torn");
  const server = await serve(mongoose.uri);
  const ours = await logIn(server, alice);
  assert.deepEqual(textsOf(await ours.history(bob)), whole);
  assert.deepEqual(textsOf(await ours.history(alice)), ["note to self"]);

  const first = await mongoose.Conversation.findOne({ participants: { $all: [alice.id, bob.id] } });
  const other = (await mongoose.conversations(alice, bob)).find(({ _id }) => !_id.equals(first._id));
  assert.equal((await ours.send(bob, "and on")).status, 201);
  whole.push("and on");
  const ofPair = (list) => list.filter((text) => text !== "note to self");
  await until(async () => ofPair(await mongoose.texts(alice, bob)).length >= whole.length, "the first document names all messages", 20_000);
  assert.deepEqual(ofPair(await mongoose.texts(alice, bob)), whole);
  const [untouched] = await mongoose.raw("conversations").find({ _id: other._id }).toArray();
  assert.ok(!untouched || untouched.messages.length <= whole.length, "the other half does not grow beyond the whole");
  assert.equal((await mongoose.Conversation.findOne({ participants: { $all: [alice.id, bob.id] } }))._id.toString(), first._id.toString());

  await mongoose.send(bob, alice, "Mongoose goes on, too");
  whole.push("Mongoose goes on, too");
  await until(async () => (await ours.history(bob)).length === whole.length, "its message", seenByUs);
  assert.deepEqual(textsOf(await ours.history(bob)), whole);
  assert.deepEqual(textsOf(await ours.history(carol)), ["not torn"]);
  await server.stop();
  await mongoose.close();
});

test("messages of Mongoose and of a second server reach sockets, each once, also across a cut", secantus, async () => {
  const mongoose = await site();
  const gate = await openGate(databases.secantus);
  const first = await serve(through(gate, mongoose.connection.name));
  const second = await serve(mongoose.uri);
  const [alice, bob] = [await Person.signUp(first, "alice"), await Person.signUp(first, "bob")];
  const aliceAtSecond = await logIn(second, alice);
  const bobAtSecond = await logIn(second, bob);
  const sockets = [bob.socket(), bob.socket({ transports: ["websocket"] }), bobAtSecond.socket()];
  for (const socket of sockets.slice(0, 2)) await seesOnline(socket, [bob]);
  await connected(sockets[2]);
  await seesOnline(sockets[2], [bob]);

  const sent = [];
  const write = async (how, count) => {
    for (let i = 0; i < count; i++) {
      const text = `${how} ${sent.length} ${Math.random()}`;
      if (how === "Mongoose") await mongoose.send(alice, bob, text);
      else assert.equal((await (how === "first" ? alice : aliceAtSecond).send(bob, text)).status, 201);
      sent.push(text);
    }
  };
  const allArrive = async () => {
    for (const socket of sockets) {
      await until(() => sent.every((text) => texts(socket).includes(text)),
        () => `every message; missing: ${sent.filter((text) => !texts(socket).includes(text)).slice(0, 5)}`, 15_000);
    }
  };
  await write("Mongoose", 1);
  await allArrive();
  for (let i = 0; i < 5; i++) for (const how of ["Mongoose", "first", "second"]) await write(how, 3);
  await Promise.all(["Mongoose", "first", "second"].map((how) => write(how, 10)));
  await allArrive();

  gate.cut();
  await write("Mongoose", 5);
  await write("second", 5);
  await sleep(1500);
  gate.pass();
  await until(async () => (await alice.send(bob, "probe")).status === 201, "the first server is back", 20_000);
  await write("first", 3);
  await write("Mongoose", 3);
  await allArrive();
  await sleep(2000); // doubles would come now
  for (const socket of sockets) {
    const heard = texts(socket).filter((text) => text !== "probe");
    assert.deepEqual([...heard].sort(), [...sent].sort());
  }
  const [shape] = events(sockets[0], "newMessage").find(([{ message }]) => message === sent[0]);
  assert.deepEqual(shape, (await bob.history(alice)).find(({ message }) => message === sent[0]));
  for (const socket of sockets) socket.disconnect();
  await first.stop();
  await second.stop();
  await gate.close();
  await mongoose.close();
});

test("a user deleted by the other server: the sockets end for good, requests get 404; a changed one shows", secantus, async () => {
  const mongoose = await site();
  const server = await serve(mongoose.uri);
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  const socket = alice.socket();
  let reason;
  socket.on("disconnect", (why) => { reason = why; });
  await connected(socket);
  assert.equal((await alice.request("GET", "/api/users")).status, 200);

  await mongoose.User.updateOne({ _id: bob.id }, { fullName: "Robert" });
  await until(async () => (await alice.request("GET", "/api/users")).json[0].fullName === "Robert", "the new name", seenByUs);
  await mongoose.User.deleteOne({ _id: alice.id });
  await until(async () => (await alice.request("GET", "/api/users")).status === 404, "404", seenByUs);
  await until(() => reason, "the socket's end", seenByUs);
  assert.equal(reason, "io server disconnect");
  assert.equal((await bob.send(alice, "anybody there?")).status, 404);
  await server.stop();
  await mongoose.close();
});

test("a log-out at one server is one at the other within 5 seconds", secantus, async () => {
  const mongoose = await site();
  const servers = [await serve(mongoose.uri), await serve(mongoose.uri)];
  const alice = await Person.signUp(servers[0], "alice");
  const atSecond = new Person(servers[1], "alice");
  atSecond.cookie = alice.cookie;
  const stays = await logIn(servers[1], alice);
  assert.equal((await atSecond.request("GET", "/api/users")).status, 200);
  await alice.logOut();
  await until(async () => (await atSecond.request("GET", "/api/users")).status === 401, "401 at the other server", seenByUs);
  assert.equal((await stays.request("GET", "/api/users")).status, 200, "another log-in is untouched");
  for (const server of servers) await server.stop();
  await mongoose.close();
});

test("two users with one name do not stop the start, and both are there", secantus, async () => {
  const mongoose = await site();
  const twins = [await mongoose.signUp("twin"), await mongoose.signUp("twin")];
  const alice = await mongoose.signUp("alice");
  const server = await serve(mongoose.uri);
  const ours = await logIn(server, alice);
  assert.deepEqual((await ours.request("GET", "/api/users")).json.map(({ _id }) => _id), twins.map(({ id }) => id));
  const again = await ours.request("POST", "/api/auth/signup",
    { fullName: "x", username: "twin", password: "secret1", confirmPassword: "secret1", gender: "male" });
  assert.deepEqual([again.status, again.json], [400, { error: "Username already exists" }]);
  assert.equal((await new Person(server, "twin").logInAgain()).cookie.length > 0, true);
  await server.stop();
  await mongoose.close();
});

test("documents with odd fields neither stop the server nor hide the others", secantus, async () => {
  const mongoose = await site();
  const [alice, bob] = [await mongoose.signUp("alice"), await mongoose.signUp("bob")];
  const users = mongoose.raw("users");
  const bare = await users.insertOne({ fullName: "bare", username: "bare", password: "no hash" });
  await users.insertMany([{ username: 42 }, {}, { username: ["a"], fullName: { x: 1 }, createdAt: "yesterday" }, { _id: "no id", username: "odd id" }]);
  await users.insertOne({ fullName: "more", username: "more", extra: { deep: [1, 2] }, password: null, gender: 7, createdAt: null, __v: 3.5 });
  const ids = { senderId: objectId(alice.id), receiverId: objectId(bob.id) };
  await mongoose.send(alice, bob, "good");
  await mongoose.raw("messages").insertMany([
    { ...ids, message: "no times" }, { ...ids, createdAt: new Date() }, { ...ids, message: { an: "object" }, createdAt: new Date() },
    { ...ids, message: 7, createdAt: "today" }, { senderId: alice.id, receiverId: bob.id, message: "ids as text" }, { _id: 5, ...ids, message: "odd id" },
    { ...ids, message: "extra fields", createdAt: new Date(), updatedAt: new Date(), edited: true, __v: 0 },
  ]);
  await mongoose.raw("conversations").insertMany([
    { participants: null }, { participants: [alice.id, bob.id], messages: "none" }, { participants: [objectId(alice.id)], messages: [null, 1, "x"] }, {},
  ]);
  const server = await serve(mongoose.uri);
  const ours = await logIn(server, alice);
  const list = (await ours.request("GET", "/api/users")).json;
  for (const id of [bob.id, bare.insertedId.toString()]) assert.ok(list.some(({ _id }) => _id === id), JSON.stringify(list));
  const socket = (await logIn(server, bob)).socket();
  await connected(socket);
  assert.equal((await ours.send(bob, "and more")).status, 201);
  await mongoose.raw("messages").insertOne({ ...ids, message: "no times, live" });
  await mongoose.send(alice, bob, "last");
  await until(() => texts(socket).includes("last"), "what follows an odd document, live", 10_000);
  const seen = textsOf(await ours.history(bob));
  for (const text of ["good", "extra fields", "and more", "last"]) assert.ok(seen.includes(text), JSON.stringify(seen));
  for (const name of ["bare", "42", "more", "odd id", ""]) {
    const reply = await ours.request("POST", "/api/auth/login", { username: name, password: "secret1" });
    assert.equal(reply.status, 400);
  }
  assert.equal((await ours.send({ id: bare.insertedId.toString() }, "hello")).status, 201);
  socket.disconnect();
  await server.stop();
  await mongoose.close();
});

test("an Idempotency-Key stands for one message at two servers at once", secantus, async () => {
  const mongoose = await site();
  const servers = [await serve(mongoose.uri), await serve(mongoose.uri)];
  const [alice, bob] = [await Person.signUp(servers[0], "alice"), await Person.signUp(servers[0], "bob")];
  const logins = [alice, await logIn(servers[1], alice)];
  for (let round = 0; round < scaled(10, 3); round++) {
    const key = { "Idempotency-Key": `round ${round}` };
    const replies = await Promise.all(Array.from({ length: 8 }, (_, i) => logins[i % 2].send(bob, `text ${round}`, key)));
    assert.deepEqual(replies.map(({ status }) => status), Array(8).fill(201));
    assert.deepEqual(replies.map(({ json }) => json), Array(8).fill(replies[0].json));
    assert.equal((await logins[round % 2].send(bob, "something else", key)).status, 409);
  }
  assert.equal((await messagesOf(mongoose, alice, bob)).length, scaled(10, 3));
  await arrayIsWhole(mongoose, alice, bob);
  for (const server of servers) await server.stop();
  await mongoose.close();
});

test("a long array is cut to the newest messages; all are read here, and Mongoose goes on with what it has", secantus, async () => {
  const mongoose = await site();
  const [alice, bob] = [await mongoose.signUp("alice"), await mongoose.signUp("bob")];
  const [count, cap] = [300, 100];
  const [a, b] = [objectId(alice.id), objectId(bob.id)];
  const old = Array.from({ length: count }, (_, i) => {
    const createdAt = new Date(Date.now() - 3_600_000 + i * 1000);
    const [senderId, receiverId] = i % 2 ? [a, b] : [b, a];
    return { _id: objectId(), senderId, receiverId, message: `old ${i}`, createdAt, updatedAt: createdAt, __v: 0 };
  });
  await mongoose.raw("messages").insertMany(old);
  await mongoose.raw("conversations").insertOne({
    _id: objectId(), participants: [a, b], messages: old.map(({ _id }) => _id), createdAt: new Date(), updatedAt: new Date(), __v: count,
  });
  const server = await serve(mongoose.uri, { flags: ["--conversation-cap", String(cap)] });
  const ours = await logIn(server, alice);
  assert.equal((await ours.send(bob, "new")).status, 201);
  const length = async () => (await mongoose.conversations(alice, bob))[0].messages.length;
  await until(async () => await length() < count, "the array is cut", 20_000);
  await mongoose.send(bob, alice, "newer");
  const expected = [...old.map(({ message }) => message), "new", "newer"];
  await until(async () => (await mongoose.texts(alice, bob)).includes("new"), "the message in the array", 20_000);
  const shown = await mongoose.texts(alice, bob);
  assert.ok(shown.length >= cap && shown.length <= cap * 1.2 + 2, `${shown.length} ids`);
  assert.deepEqual(shown, expected.slice(-shown.length));
  await until(async () => (await ours.history(bob)).length === expected.length, "the other's message", seenByUs);
  assert.deepEqual(textsOf(await ours.history(bob)), expected);
  await server.stop();
  await mongoose.close();
});

test("a note to self beside the original's: a conversation of its own, and nobody else's is touched", secantus, async () => {
  const mongoose = await site();
  const server = await serve(mongoose.uri);
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  await alice.send(bob, "to bob");
  await alice.send(alice, "to me");
  await alice.send(bob, "to bob again");
  assert.deepEqual(textsOf(await alice.history(alice)), ["to me"]);
  assert.deepEqual(await mongoose.texts(alice, bob), ["to bob", "to bob again"]);
  assert.equal((await messagesOf(mongoose, alice, bob)).length, 2);
  await server.stop();
  await mongoose.close();
});
