// `parley import` and `parley export`: moving between the original's database, dumps of it, JSON lines and the embedded database.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { freshName, missingDatabase, startDatabase } from "../databases.mjs";
import { Person, until } from "../people.mjs";
import { Server, binary, freshFolder, sanitizerOptions, scaled } from "../support.mjs";

const { BSON, MongoClient } = createRequire(import.meta.url)("mongodb");
const { ObjectId } = BSON;

// Of "secret1", as the original's bcryptjs and others write it.
const hashes = ["$2b$04$abcdefghijklmnopqrstuuCHf7DUmNUvMBdGje9JveOQe49tH5xFK", "$2a$04$ABCDEFGHIJKLMNOPQRSTUu.ko6vK2gBuSccMOrWs02P8McLsik8ny"];

const folders = [];
const makeFolder = () => folders[folders.push(freshFolder()) - 1];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const nowhere = makeFolder(); // a working folder without a .env

/** Runs `parley` to its end: {code, signal, out, err}. */
function parley(args, { killAfter, killWhen, input, env = {}, wrapper = [] } = {}) {
  const [command, ...rest] = [...wrapper, binary, ...args];
  const child = spawn(command, rest, { cwd: nowhere, env: { PATH: process.env.PATH, ...sanitizerOptions(), ...env } });
  const result = { out: "", err: "" };
  child.stdout.on("data", (chunk) => { result.out += chunk; });
  child.stderr.on("data", (chunk) => { result.err += chunk; });
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
  killWhen?.().then(() => child.kill("SIGKILL"));
  return new Promise((done) => child.on("close", (code, signal) => done({ ...result, code, signal })));
}

async function parleyWell(args, options) {
  const result = await parley(args, options);
  assert.equal(result.code, 0, `parley ${args.join(" ")}\n${result.err}`);
  return result;
}

const id = (number) => new ObjectId(`65540000${number.toString(16).padStart(16, "0")}`);
const time = (milliseconds) => new Date(1_700_003_840_000 + milliseconds);

const user = (number, username, more = {}) => ({
  _id: id(number), fullName: `Full ${username}`, username, password: hashes[number % 2], gender: number % 2 ? "male" : "female",
  profilePic: `https://avatar.example/${username}`, createdAt: time(number), updatedAt: time(number), __v: 0, ...more,
});
const message = (number, from, to, ms, text, more = {}) => ({
  _id: id(number), senderId: id(from), receiverId: id(to), message: text, createdAt: time(ms), updatedAt: time(ms), __v: 0, ...more,
});
const conversation = (number, participants, messages) => ({
  _id: id(number), participants: participants.map(id), messages: messages.map(id), createdAt: time(0), updatedAt: time(1), __v: messages.length,
});

/** As the original leaves it, with what goes wrong there. */
const original = {
  users: [user(2, "bob"), user(1, "alice"), user(3, "Bob ", { nickname: "Bobby" }), user(4, "bob"), { _id: "a text", username: "x" }, user(6, "nohash", { password: 7 })],
  messages: [
    message(103, 2, 1, 30, "third"), message(101, 1, 2, 10, "first \u0000 \u{1F600}"), message(102, 2, 1, 20, "second"),
    message(105, 1, 3, 50, "to the other Bob"), message(104, 1, 1, 40, "a note to self"), message(106, 1, 99, 60, "to one who is gone"),
    { _id: id(107), senderId: id(1), message: "to nobody", createdAt: time(1), updatedAt: time(1), __v: 0 },
  ],
  // The race of the first message has left two of Alice and Bob; one names a message that was never stored.
  conversations: [conversation(201, [1, 2], [101, 103]), conversation(202, [2, 1], [102, 555]), conversation(203, [1, 1], [104]), conversation(204, [1, 3], [105])],
};

function writeDump(folder, collections, { gzip = false } = {}) {
  mkdirSync(folder, { recursive: true });
  for (const [name, documents] of Object.entries({ users: [], messages: [], ...collections })) {
    const bytes = Buffer.concat(documents.map((document) => BSON.serialize(document)));
    writeFileSync(path.join(folder, `${name}.bson${gzip ? ".gz" : ""}`), gzip ? gzipSync(bytes) : bytes);
  }
  return folder;
}

/** Everything in an embedded database, as parsed lines. */
async function contents(dataDir) {
  const { out } = await parleyWell(["export", "-", "--data-dir", dataDir]);
  return out.trim().split("\n").map((line) => JSON.parse(line)).filter(({ type }) => ["user", "message", "revocation"].includes(type));
}

const serve = (dataDir) => Server.start({ dataDir, cwd: nowhere, flags: ["--rate-limits", "off"] });

async function logIn(server, username) {
  const person = new Person(server, username);
  return person.logInAgain();
}

for (const gzip of [false, true]) {
  test(`a dump of the original's database${gzip ? ", packed" : ""}: its people log in and read their histories`, async () => {
    const root = makeFolder();
    const dump = writeDump(path.join(root, "dump", "chat-app"), original, { gzip });
    const dataDir = path.join(root, "data");
    const { err } = await parleyWell(["import", path.dirname(dump), "--data-dir", dataDir, "--report", path.join(root, "report.json")]);
    assert.match(err, /carried 4 users, 6 messages in 4 conversations/);

    const report = JSON.parse(readFileSync(path.join(root, "report.json"), "utf8"));
    const reasons = Object.fromEntries(report.skipped.map(({ what, reason, first }) => [`${what}: ${reason}`, first]));
    assert.deepEqual(reasons, {
      "message: its senderId or receiverId is no ObjectId": [id(107).toHexString()],
      "user: its _id is no ObjectId": ["a text"],
      "user: its user name is exactly that of one who signed up before": [id(4).toHexString()],
    });
    assert.equal(report.notes["duplicate conversations merged"], 1);
    assert.equal(report.notes["entries of conversations that name no message (ignored)"], 1);
    assert.equal(report.notes['users with a field "nickname", which is not kept'], 1);
    assert.equal(report.notes["users without a bcrypt hash, who cannot log in"], 1);

    const server = await serve(dataDir);
    const [alice, bob, otherBob] = [await logIn(server, "alice"), await logIn(server, "bob"), await logIn(server, "Bob ")];
    assert.deepEqual([alice.id, bob.id, otherBob.id], [1, 2, 3].map((number) => id(number).toHexString()));
    const history = await bob.history(alice);
    assert.deepEqual(history.map(({ message: text }) => text), ["first \u0000 \u{1F600}", "second", "third"]);
    assert.deepEqual(history[0], {
      _id: id(101).toHexString(), senderId: alice.id, receiverId: bob.id, message: "first \u0000 \u{1F600}",
      createdAt: time(10).toISOString(), updatedAt: time(10).toISOString(), __v: 0,
    });
    assert.deepEqual((await alice.history(alice)).map(({ message: text }) => text), ["a note to self"]);
    assert.deepEqual((await otherBob.history(alice)).map(({ message: text }) => text), ["to the other Bob"]);
    const directory = (await alice.request("GET", "/api/users")).json;
    assert.deepEqual(directory.map(({ username }) => username), ["bob", "Bob ", "nohash"]);
    assert.equal(directory[0].profilePic, "https://avatar.example/bob");
    assert.equal((await alice.send(bob, "goes on")).status, 201);

    const running = await parley(["import", dump, "--data-dir", dataDir]);
    assert.equal(running.code, 1);
    assert.match(running.err, /is in use by another server; stop it first/);
    await server.stop();
    const refused = await parley(["import", dump, "--data-dir", dataDir]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /has users or messages already, and nothing is overwritten/);
    assert.equal((await contents(dataDir)).filter(({ type }) => type === "message").length, 7);
  });
}

test("a pipe of JSON lines carries everything, and a token that was logged out stays refused", async () => {
  const root = makeFolder();
  const [from, to] = [path.join(root, "from"), path.join(root, "to")];
  const before = await serve(from);
  const [alice, bob] = [await Person.signUp(before, "alice"), await Person.signUp(before, "bob")];
  for (let i = 0; i < 20; i++) assert.equal((await (i % 3 ? alice.send(bob, `${i}`) : bob.send(alice, `${i} \u{1F600}`))).status, 201);
  const loggedOut = await alice.logInAgain();
  const cookie = loggedOut.cookie;
  assert.equal((await loggedOut.logOut()).status, 200);
  const history = await alice.history(bob);
  await before.stop();

  const { out } = await parleyWell(["export", "-", "--data-dir", from]);
  await parleyWell(["import", "-", "--data-dir", to], { input: out });
  assert.deepEqual(await contents(to), await contents(from));

  const after = await serve(to);
  for (const person of [alice, bob, loggedOut]) person.server = after;
  loggedOut.cookie = cookie;
  assert.equal((await loggedOut.request("GET", "/api/users")).status, 401);
  assert.deepEqual(await alice.history(bob), history);
  await after.stop();
});

test("killed at any point and started again: empty before, complete after, nothing twice", async () => {
  const root = makeFolder();
  const count = scaled(60_000, 2_000);
  const messages = Array.from({ length: count }, (_, i) => message(1_000 + i, 1 + (i % 5), 1 + ((i * 7) % 5), i, `number ${i}`));
  const users = [1, 2, 3, 4, 5].map((number) => user(number, `person${number}`));
  const dump = writeDump(path.join(root, "dump"), { users, messages });
  const began = Date.now();
  await parleyWell(["import", dump, "--data-dir", path.join(root, "undisturbed")]);
  const milliseconds = Date.now() - began;
  const wanted = await contents(path.join(root, "undisturbed"));
  assert.equal(wanted.length, count + 5);

  let resumed = 0;
  for (let round = 0; round < 8; round++) {
    const dataDir = path.join(root, `killed${round}`);
    const { signal } = await parley(["import", dump, "--data-dir", dataDir], { killAfter: (milliseconds * (round + 0.5)) / 8 });
    if (signal && existsSync(path.join(dataDir, "parley.db"))) assert.ok([0, wanted.length].includes((await contents(dataDir)).length));
    const again = await parley(["import", dump, "--data-dir", dataDir]);
    if (/an earlier run/.test(again.err)) resumed++;
    // Whoever was killed after its last act has nothing left to go on with, and is told that everything is there.
    assert.ok(again.code === 0 || /has users or messages already/.test(again.err), again.err);
    assert.deepEqual(await contents(dataDir), wanted);
    assert.deepEqual(readdirSync(dataDir).filter((name) => name.includes("import")), []);
  }
  assert.ok(resumed > 0, "no round was killed in the middle");
});

test("no room on the disk: a sentence, nothing stored, and the same command goes on when there is room", async () => {
  const root = makeFolder();
  const messages = Array.from({ length: 5_000 }, (_, i) => message(1_000 + i, 1, 2, i, `number ${i} ${"x".repeat(200)}`));
  const dump = writeDump(path.join(root, "dump"), { users: [user(1, "alice"), user(2, "bob")], messages });
  const dataDir = path.join(root, "data");
  // Files may not grow over 500 KiB.
  const small = ["bash", "--norc", "-c", 'trap "" XFSZ; ulimit -f 500; exec "$0" "$@"'];
  const failed = await parley(["import", dump, "--data-dir", dataDir], { wrapper: small });
  assert.equal(failed.code, 1, failed.err);
  assert.match(failed.err, /^import: cannot use .*: disk I\/O error/m);
  assert.equal((await contents(dataDir)).length, 0);
  await parleyWell(["import", dump, "--data-dir", dataDir]);
  assert.equal((await contents(dataDir)).length, 5_002);
});

test("files that are cut off or damaged are refused before anything is stored", async () => {
  const root = makeFolder();
  const dataDir = path.join(root, "data");
  const users = Array.from({ length: 2_000 }, (_, i) => user(i + 1, `person${i}-${createHash("sha256").update(`${i}`).digest("hex")}`));
  for (const gzip of [false, true]) {
    const dump = writeDump(path.join(root, `dump${gzip}`), { users }, { gzip });
    const file = path.join(dump, gzip ? "users.bson.gz" : "users.bson");
    writeFileSync(file, readFileSync(file).subarray(0, -100));
    const refused = await parley(["import", dump, "--data-dir", dataDir]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /--skip-damaged/);
    assert.equal((await contents(dataDir)).length, 0);
  }
  await parleyWell(["import", path.join(root, "dumpfalse"), "--data-dir", dataDir, "--skip-damaged"]);
  const lines = (await parleyWell(["export", "-", "--data-dir", dataDir])).out.split("\n");
  const cut = await parley(["import", "-", "--to", path.join(root, "cut")], { input: lines.slice(0, 100).join("\n") });
  assert.equal(cut.code, 1);
  assert.match(cut.err, /was cut off: its last line is missing/);
  lines[10] = "garbage";
  const garbage = await parleyWell(["import", "-", "--to", path.join(root, "garbage")], { input: lines.join("\n") });
  assert.match(garbage.err, /1 line: it is no JSON \(line 11\)/);
});

test("a report is opened before anything starts, written by runs that fail too, and replaces nothing but theirs", async () => {
  const root = makeFolder();
  const report = path.join(root, "report.json");
  const dump = path.join(root, "dump");
  const command = ["import", dump, "--data-dir", path.join(root, "data"), "--report", report];
  writeDump(dump, { users: [user(1, "alice")] });
  rmSync(path.join(dump, "messages.bson"));
  const failed = await parley(command);
  assert.equal(failed.code, 1);
  assert.match(failed.err, /is incomplete: messages\.bson is missing; --skip-damaged takes the rest/);
  assert.match(JSON.parse(readFileSync(report, "utf8")).failed, /messages\.bson is missing/);

  writeDump(dump, { users: [user(1, "alice")] });
  await parleyWell(command);
  const written = readFileSync(report, "utf8");
  assert.deepEqual([JSON.parse(written).failed, JSON.parse(written).users], ["", 1]);
  const refused = await parley(["import", dump, "--data-dir", path.join(root, "other"), "--report", report]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /--report: .*report\.json is there already; move it away or choose another name/);
  assert.equal(readFileSync(report, "utf8"), written);
  assert.ok(!existsSync(path.join(root, "other")));
});

test("a mistyped address makes no folder, and no password is printed", async () => {
  for (const verb of ["import", "export"]) {
    const refused = await parley([verb, "mongo://u:secret@127.0.0.1/x"]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /give mongodb:\/\/\.\.\. or mongodb\+srv:/);
    assert.doesNotMatch(refused.err, /secret/);
  }
  assert.ok(!existsSync(path.join(nowhere, "mongo:")));
});

test("arguments: help, what is wrong, exit codes", async () => {
  for (const verb of ["import", "export"]) {
    const help = await parleyWell([verb, "--help"]);
    assert.match(help.out, new RegExp(`parley ${verb} `));
    assert.equal((await parley([verb])).code, 2);
    assert.equal((await parley([verb, "--bad"])).code, 2);
  }
  const missing = await parley(["import", "/nonexistent/dump"]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /there is no such file or folder; name a MongoDB address/);
  const nothing = await parley(["export", "-"]);
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /holds no embedded database/);
});

for (const kind of ["secantus", "ferretdb", "given"]) {
  test(`the original's database on ${kind}: into the embedded one, and back to where the original can go on`, { skip: missingDatabase(kind) }, async () => {
    const database = await startDatabase(kind);
    const root = makeFolder();
    const client = new MongoClient(database.uri(), { directConnection: true });
    const names = [freshName(), freshName()];
    const [source, target] = names.map((name) => client.db(name));
    try {
      for (const [name, documents] of Object.entries(original)) await source.collection(name).insertMany(documents);
      await source.collection("parley_revocations").insertOne({ _id: "a session", expiresAt: time(1e12), revokedAt: time(0) });
      const dataDir = path.join(root, "data");
      await parleyWell(["import", "--data-dir", dataDir], { env: { MONGO_DB_URI: database.uri(names[0]) } });
      const wanted = await contents(dataDir);
      assert.equal(wanted.length, 4 + 6 + 1);

      await parleyWell(["export", database.uri(names[1]), "--data-dir", dataDir]);
      const users = await target.collection("users").find().sort({ _id: 1 }).toArray();
      assert.deepEqual(users.map((each) => JSON.stringify(each)), [user(1, "alice"), user(2, "bob"), user(3, "Bob "), user(6, "nohash", { password: "" })].map((each) => JSON.stringify(each)));
      assert.deepEqual(await target.collection("messages").findOne({ _id: id(101) }), original.messages[1]);
      const both = await target.collection("conversations").findOne({ participants: { $all: [id(1), id(2)] } });
      assert.deepEqual(Object.keys(both), ["_id", "participants", "messages", "createdAt", "updatedAt", "__v"]);
      assert.deepEqual({ ...both, _id: 0 }, {
        _id: 0, participants: [id(1), id(2)], messages: [id(101), id(102), id(103)], createdAt: time(10), updatedAt: time(30), __v: 3,
      });
      assert.equal(await target.collection("parley_revocations").countDocuments(), 1);
      const twice = await parley(["export", database.uri(names[1]), "--data-dir", dataDir]);
      assert.equal(twice.code, 1);
      assert.match(twice.err, /nothing is overwritten/);

      await parleyWell(["import", database.uri(names[1]), "--to", path.join(root, "back")]);
      assert.deepEqual(await contents(path.join(root, "back")), wanted);
    } finally {
      for (const name of names) await client.db(name).dropDatabase();
      await client.close();
      await database.stop?.();
    }
  });
}

test("an export to MongoDB that was killed is completed by the same command", { skip: missingDatabase("secantus") }, async () => {
  const database = await startDatabase("secantus");
  const root = makeFolder();
  const count = scaled(24_000, 4_000);
  const messages = Array.from({ length: count }, (_, i) => message(1_000 + i, 1, 2, i, `number ${i}`));
  const dataDir = path.join(root, "data");
  await parleyWell(["import", writeDump(path.join(root, "dump"), { users: [user(1, "alice"), user(2, "bob")], messages }), "--data-dir", dataDir]);
  const uri = database.uri(freshName());
  const client = new MongoClient(uri, { directConnection: true });
  try {
    const stored = () => client.db().collection("messages").estimatedDocumentCount();
    const killed = await parley(["export", uri, "--data-dir", dataDir], { killWhen: () => until(async () => (await stored()) >= 1_000, "messages", 60_000) });
    assert.equal(killed.signal, "SIGKILL");
    assert.ok((await stored()) < count);

    const again = await parleyWell(["export", uri, "--data-dir", dataDir]);
    assert.match(again.err, /this one added what was missing/);
    assert.equal(await client.db().collection("messages").countDocuments(), count);
    const [only, ...others] = await client.db().collection("conversations").find().toArray();
    assert.deepEqual(others, []);
    assert.deepEqual(only.messages, messages.slice(-20_000).map(({ _id }) => _id));
    assert.equal(only.__v, count);
    await parleyWell(["import", uri, "--to", path.join(root, "back")]);
    assert.deepEqual(await contents(path.join(root, "back")), await contents(dataDir));
  } finally {
    await client.close();
    await database.stop();
  }
});

test("a database that goes away for a moment does not end an export; an import from it ends with a sentence", { skip: missingDatabase("secantus") }, async () => {
  const database = await startDatabase("secantus", { args: ["--sync-on-commit"] });
  const root = makeFolder();
  const count = scaled(8_000, 4_000);
  const messages = Array.from({ length: count }, (_, i) => message(1_000 + i, 1, 2, i, `number ${i}`));
  const dataDir = path.join(root, "data");
  await parleyWell(["import", writeDump(path.join(root, "dump"), { users: [user(1, "alice"), user(2, "bob")], messages }), "--data-dir", dataDir]);
  const uri = database.uri(freshName());
  const client = new MongoClient(uri, { directConnection: true });
  try {
    const exporting = parleyWell(["export", uri, "--data-dir", dataDir]);
    await until(async () => (await client.db().collection("messages").estimatedDocumentCount()) >= 1_000, "messages", 60_000);
    await database.kill();
    await database.start();
    await exporting;
    assert.equal(await client.db().collection("messages").countDocuments(), count);
    assert.equal(await client.db().collection("users").countDocuments(), 2);

    await database.stop();
    const gone = await parley(["import", uri, "--to", path.join(root, "back")]);
    assert.equal(gone.code, 1);
    assert.match(gone.err, /cannot be reached; see that it runs and that the address is right/);
    await database.start();
    await parleyWell(["import", uri, "--to", path.join(root, "back")]);
    assert.deepEqual(await contents(path.join(root, "back")), await contents(dataDir));
  } finally {
    await client.close();
    await database.stop();
  }
});
