// A database that is not there: at the start, in between, at the end, and with thousands waiting for it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import { test } from "node:test";

import { missingDatabase, startDatabase } from "../databases.mjs";
import { Person, connected, forgeToken, sleep, texts, until } from "../people.mjs";
import { scaled } from "../support.mjs";
import { call } from "./call.mjs";
import { Load, Probe } from "./load.mjs";
import { MongooseSite } from "./mongoose_site.mjs";
import { becomesReady, health, messagesOf, openGate, serve, textsOf, through } from "./world.mjs";

const secantus = { skip: missingDatabase("secantus"), timeout: 120_000 };
const residentKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

/** Whatever is asked of /api is answered 503, in JSON, in time. */
async function everythingIsUnavailable(person) {
  for (const [method, path, body] of [
    ["POST", "/api/auth/login", { username: "alice", password: "secret1" }],
    ["POST", "/api/auth/signup", { fullName: "Dora", username: "dora", password: "secret1", confirmPassword: "secret1", gender: "female" }],
    ["GET", "/api/users"], ["GET", `/api/messages/${"a".repeat(24)}`], ["POST", `/api/messages/send/${"a".repeat(24)}`, { message: "hello" }],
  ]) {
    const began = Date.now();
    const reply = await person.request(method, path, body);
    assert.deepEqual([path, reply.status, typeof reply.json?.error], [path, 503, "string"]);
    assert.ok(Date.now() - began < 15_000, `${path} took ${Date.now() - began} ms`);
  }
}

test("absent at the start: the server waits, says so, and gets to work when the database comes; lost and back again", secantus, async () => {
  const database = await startDatabase("secantus", { args: ["--sync-on-commit"] });
  const uri = database.uri("chat");
  await database.kill();
  const server = await serve(uri, { absent: true });
  const probe = new Probe(server);
  assert.equal(await health(server, "live"), 200);
  assert.equal(await health(server), 503);
  const stranger = new Person(server, "alice");
  stranger.cookie = `jwt=${forgeToken("a".repeat(24))}`;
  await everythingIsUnavailable(stranger);
  await sleep(1000);
  assert.match(server.log, /mongo/i);
  const lines = server.log.split("\n").length;
  assert.ok(lines < 60, `${lines} lines of log`);

  await database.start();
  await becomesReady(server, 15_000);
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  const socket = bob.socket();
  await connected(socket);
  assert.equal((await alice.send(bob, "first")).status, 201);

  await database.kill();
  await until(async () => await health(server) === 503, "/health/ready says so", 15_000);
  await everythingIsUnavailable(alice);
  await database.start();
  await becomesReady(server, 15_000);
  assert.equal((await alice.send(bob, "second")).status, 201);
  assert.deepEqual(textsOf(await bob.history(alice)), ["first", "second"]);
  await until(() => texts(socket).includes("second"), "the socket has outlived it");
  assert.deepEqual(texts(socket), ["first", "second"]);
  socket.disconnect();
  probe.end("absent, there, lost, back");
  await server.stop();
  database.remove();
});

test("SIGTERM while the database is absent, gone or silent: the end comes within the stop's time", secantus, async () => {
  const database = await startDatabase("secantus");
  for (const fault of ["absent", "cut", "stall"]) {
    const gate = await openGate(database);
    if (fault === "absent") gate.cut();
    const server = await serve(through(gate, `stop_${fault}`), { absent: fault === "absent" });
    let load;
    if (fault !== "absent") {
      const pair = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
      load = new Load(server, [pair], { keyed: 0, keyless: 16, answersMayBeLost: true }).start();
      await sleep(300);
      gate[fault]();
    }
    await sleep(700);
    const began = Date.now();
    if (load) load.stopped = true;
    await server.stop(20_000);
    console.log(`# ${fault}: ended after ${Date.now() - began} ms`);
    // 10 s for what was asked before, 2 s for the storage, and the driver's farewell to a database that does not answer.
    assert.ok(Date.now() - began < 17_000, `${fault}: ${Date.now() - began} ms`);
    await load?.stop();
    await gate.close();
  }
  database.remove();
});

test("thousands of sends while the database is silent: 503 for what does not fit, memory bounded, recovery", secantus, async () => {
  const database = await startDatabase("secantus");
  const gate = await openGate(database);
  const server = await serve(through(gate, "queue"), { env: { ASAN_OPTIONS: "quarantine_size_mb=1:thread_local_quarantine_size_kb=16" } });
  const mongoose = await MongooseSite.open(database.uri("queue"));
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  await alice.send(bob, "before");
  const probe = new Probe(server);
  gate.stall();
  const before = residentKiB(server.pid);
  const count = scaled(4000, 400);
  const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity });
  const padding = "p".repeat(40_000);
  let most = 0;
  const meter = setInterval(() => { most = Math.max(most, residentKiB(server.pid)); }, 50);
  const sends = Array.from({ length: count }, async (_, i) => {
    const message = `${i} ${padding}`;
    return { message, ...await call(agent, server, "POST", `/api/messages/send/${bob.id}`, { cookie: alice.cookie, body: { message }, patience: 40_000 }) };
  });
  let pending = count;
  for (const send of sends) send.then(() => pending--);
  await until(() => pending < count / 2, () => `answers: ${pending} of ${count} without one`, 20_000);
  gate.pass();
  const answers = await Promise.all(sends);
  clearInterval(meter);

  const odd = answers.filter(({ status, text }) => !(status === 201 || (status === 503 && typeof JSON.parse(text).error === "string")));
  assert.deepEqual(odd.slice(0, 3), []);
  const refused = answers.filter(({ status }) => status === 503).length;
  assert.ok(refused > 0, "there is a bound");
  assert.ok(answers.every(({ milliseconds }) => milliseconds < 15_000), "every answer within 15 s");
  const grown = most - before;
  console.log(`# ${count} sends: ${refused} refused, memory grew by ${grown} KiB`);
  // Without a bound 4,000 would take about 500 MiB: a waiting message is held three times, as it came, as it was understood, as it will be stored.
  assert.ok(grown < 300 * 1024, `memory grew by ${grown} KiB`);

  await until(async () => (await alice.send(bob, "after")).status === 201, "recovery", 15_000);
  const stored = textsOf(await messagesOf(mongoose, alice, bob));
  assert.equal(new Set(stored.filter((text) => text !== "after")).size, stored.filter((text) => text !== "after").length);
  for (const { status, message } of answers) if (status === 201) assert.ok(stored.includes(message), "acknowledged and lost");
  probe.end("a silent database and thousands of sends");
  await server.stop();
  await gate.close();
  await mongoose.close();
  database.remove();
});
