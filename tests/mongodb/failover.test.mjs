// The database itself fails under load: killed, frozen, stepping down, closing connections. The account of load.mjs must be right each time.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import { missingDatabase, startDatabase } from "../databases.mjs";
import { Person, sleep, until } from "../people.mjs";
import { scaled } from "../support.mjs";
import { Load, Probe } from "./load.mjs";
import { MongooseSite } from "./mongoose_site.mjs";
import { arrayIsWhole, becomesReady, health, serve } from "./world.mjs";

const secantus = { skip: missingDatabase("secantus"), timeout: 120_000 };
const { MongoClient } = createRequire(import.meta.url)("mongodb");

/** A database of its own that syncs each commit, a server on it, and a load. */
async function scene({ listen = true, options = "" } = {}) {
  const database = await startDatabase("secantus", { args: ["--sync-on-commit"] });
  const uri = `${database.uri("chat")}?directConnection=true${options}`;
  const server = await serve(uri);
  const people = [];
  for (let i = 0; i < 8; i++) people.push(await Person.signUp(server, `person${i}`));
  const load = new Load(server, [0, 2, 4, 6].map((i) => people.slice(i, i + 2)));
  if (listen) await load.listen();
  const probe = new Probe(server);
  load.start();
  await sleep(500);
  return { database, uri, server, load, probe };
}

async function takenAgain({ server, load }, milliseconds = 15_000) {
  const before = load.acknowledged;
  const began = Date.now();
  await until(() => load.acknowledged >= before + load.clients.length, () => `sends are taken again\n${server.log.slice(-3000)}`, milliseconds);
  return Date.now() - began;
}

async function theAccountIsRight({ database, uri, server, load, probe }, what) {
  await load.stop();
  const mongoose = await MongooseSite.open(uri);
  await load.settle(mongoose);
  if (load.sockets) await load.heard();
  for (const pair of load.pairs) await arrayIsWhole(mongoose, ...pair);
  await mongoose.close();
  console.log(`# ${what}: slowest answer ${Math.round(load.slowest)} ms, ${load.acknowledged} acknowledged, ${load.refused} refused`);
  probe.end(what);
  await server.stop();
  database.remove();
}

test("the database is killed and started again, several times", secantus, async () => {
  const all = await scene();
  for (let i = 0; i < scaled(3, 1); i++) {
    await all.database.kill();
    await until(async () => await health(all.server) === 503, "/health/ready says so", 15_000);
    assert.equal(await health(all.server, "live"), 200);
    await sleep(500);
    await all.database.start();
    const milliseconds = await takenAgain(all);
    console.log(`# restart ${i + 1}: sends are taken after ${milliseconds} ms`);
    await becomesReady(all.server, 10_000);
  }
  await theAccountIsRight(all, "kill -9 of the database");
});

test("the database freezes for twenty seconds", secantus, async () => {
  const all = await scene();
  all.database.freeze();
  await sleep(scaled(20_000, 12_000));
  assert.equal(await health(all.server), 503);
  assert.ok(all.load.refused > 0);
  all.database.thaw();
  await takenAgain(all);
  await theAccountIsRight(all, "freeze");
});

const failPoints = [
  { closeConnection: true },
  { errorCode: 10107 }, // NotWritablePrimary
  { errorCode: 91 }, // ShutdownInProgress
  { errorCode: 189 }, // PrimarySteppedDown
  { errorCode: 11600 }, // InterruptedAtShutdown
  { writeConcernError: { code: 91, errmsg: "Replication is being shut down" } },
  { writeConcernError: { code: 64, errmsg: "waiting for replication timed out", errInfo: { wtimeout: true } } },
  { blockConnection: true, blockTimeMS: 500 },
];

// A primary that steps down tells the driver's monitor at once; a fail point tells it nothing, and it asks by itself every 10 s unless the URI says otherwise.
test("the database answers as in a fail-over", secantus, async () => {
  const all = await scene({ options: "&heartbeatFrequencyMS=1000" });
  const client = await new MongoClient(all.uri).connect();
  const admin = client.db("admin");
  for (const failure of failPoints) {
    for (const failCommands of [["insert"], ["update"], ["insert", "update", "find"]]) {
      if (failure.writeConcernError && failCommands.includes("find")) continue;
      await admin.command({ configureFailPoint: "failCommand", mode: { times: 12 }, data: { failCommands, ...failure } });
      await sleep(scaled(400, 200));
    }
    await admin.command({ configureFailPoint: "failCommand", mode: "off" });
    await takenAgain(all);
  }
  await client.close();
  await theAccountIsRight(all, "fail points");
});

test("kill -9 of the server under load: what it acknowledged is there, and arrays are whole when the conversation is used again", secantus, async () => {
  const all = await scene({ listen: false });
  all.load.answersMayBeLost = true;
  for (let i = 0; i < scaled(4, 2); i++) {
    await all.server.kill();
    const { port, dataDir } = all.server;
    const next = await serve(all.uri, { port, dataDir });
    all.server = all.load.server = next;
    for (const person of all.load.pairs.flat()) person.server = next;
    await takenAgain(all);
  }
  all.probe.end = () => clearInterval(all.probe.timer); // the server was away: its times say nothing
  await theAccountIsRight(all, "kill -9 of the server");
});
