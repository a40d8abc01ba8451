// MongoDB storage, measured beside the original's way of using it, in the same run on the same database server: sends into a fresh conversation and
// into one of 50,000 messages, sends of 64 clients, and reads of history. Prints Markdown tables.
//
//     node bench/mongodb.mjs [PARLEY_BINARY [RUNS [SECONDS [MESSAGES]]]]     (npm ci in tests/ first; tools/test-databases has the database)
//
// The database syncs every commit. Before a conversation that exists is measured it is used for as long as a figure takes: the first use of one
// makes our server look through its array, once. Each figure is lowest to highest of the runs; each ratio is taken within a run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { sign } from "./mongodb_token.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const [binary = "build/release/parley", runs = "3", seconds = "10", messages = "50000"] = process.argv.slice(2);
process.env.PARLEY_BINARY ??= path.resolve(binary);

const { startDatabase } = await import("../tests/databases.mjs");
const { Server, jwtSecret } = await import("../tests/support.mjs");
const { call } = await import("../tests/mongodb/call.mjs");
const { MongooseSite, objectId } = await import("../tests/mongodb/mongoose_site.mjs");

async function startOurs(uri) {
  const server = await Server.start({ flags: ["--rate-limits", "off", "--log-level", "warn"], env: { MONGO_DB_URI: uri } });
  while (!(await fetch(`${server.url}/health/ready`)).ok) await new Promise((done) => setTimeout(done, 20));
  return server;
}

/** Starts the peer on `uri`: {url, stop}. */
async function startPeer(uri) {
  const child = spawn(process.execPath, [path.join(here, "mongodb_peer.mjs"), uri, jwtSecret], { stdio: ["ignore", "pipe", "inherit"] });
  process.on("exit", () => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  return { url: `http://127.0.0.1:${Number(line)}`, stop: async () => { child.kill(); await once(child, "exit"); } };
}

/** Two people, and a conversation of `count` messages between them as Mongoose would have left it. */
async function pair(site, name, count = 0) {
  const people = [await site.signUp(`${name}-a`), await site.signUp(`${name}-b`)];
  for (const person of people) person.cookie = `jwt=${sign(person.id, jwtSecret)}`;
  if (count === 0) return people;
  const ids = Array.from({ length: count }, () => objectId());
  const start = Date.now() - count * 1000;
  const [a, b] = people.map(({ id }) => objectId(id));
  for (let first = 0; first < count; first += 1000) {
    await site.raw("messages").insertMany(ids.slice(first, first + 1000).map((_id, i) => {
      const createdAt = new Date(start + (first + i) * 1000);
      const [senderId, receiverId] = (first + i) % 2 ? [a, b] : [b, a];
      return { _id, senderId, receiverId, message: `message ${first + i} of a long conversation`, createdAt, updatedAt: createdAt, __v: 0 };
    }));
  }
  await site.raw("conversations").insertOne({
    _id: objectId(), participants: [a, b], messages: ids, createdAt: new Date(start), updatedAt: new Date(start), __v: count,
  });
  return people;
}

/** Calls per second of `width` clients, each with a connection of its own, for the time of one figure; after as long a time, if `warm`. */
async function rate(width, one, warm = false) {
  if (warm) await rate(width, one);
  const agents = Array.from({ length: width }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const began = performance.now();
  const end = began + Number(seconds) * 1000;
  let count = 0;
  await Promise.all(agents.map(async (agent, i) => {
    do {
      const { status, text, lost } = await one(agent, i);
      if (status !== 200 && status !== 201) throw new Error(`${status ?? lost}: ${text?.slice(0, 200)}`);
      count++;
    } while (performance.now() < end);
  }));
  const elapsed = (performance.now() - began) / 1000;
  for (const agent of agents) agent.destroy();
  return count / elapsed;
}

const send = (server, agent, [from, to]) =>
  call(agent, server, "POST", `/api/messages/send/${to.id}`, { cookie: from.cookie, body: { message: "a message of usual length, more or less" }, patience: 120_000 });
const read = (server, agent, [from, to], query = "") =>
  call(agent, server, "GET", `/api/messages/${to.id}${query}`, { cookie: from.cookie, patience: 120_000 });

const long = Number(messages);
const named = long.toLocaleString("en");
const shown = Math.min(long, 2000); // more takes the peer minutes a read
const figures = {
  "sends/s, 1 client, fresh conversation": (server, make) => make("fresh").then((people) => rate(1, (agent) => send(server, agent, people))),
  [`sends/s, 1 client, conversation of ${named}`]: (server, make) => make("long", long).then((people) => rate(1, (agent) => send(server, agent, people), true)),
  "sends/s, 64 clients, 32 fresh conversations": async (server, make) => {
    const pairs = [];
    for (let i = 0; i < 32; i++) pairs.push(await make(`crowd${i}`));
    return rate(64, (agent, i) => send(server, agent, i < 32 ? pairs[i] : [...pairs[i - 32]].reverse()));
  },
  [`sends/s, 64 clients, one conversation of ${named}`]: (server, make) =>
    make("crowded", long).then((people) => rate(64, (agent, i) => send(server, agent, i % 2 ? people : [...people].reverse()), true)),
  [`whole histories/s of ${shown.toLocaleString("en")}, 1 client`]: (server, make) => make("read", shown).then((people) => rate(1, (agent) => read(server, agent, people))),
};
const onlyOurs = {
  [`newest 50 of ${named}: pages/s, 1 client`]: (server, make) => make("page", long).then((people) => rate(1, (agent) => read(server, agent, people, "?limit=50"))),
};

/** One contestant, one run, every figure: name to calls per second. */
async function measure(database, start, wanted, name) {
  const uri = database.uri(name);
  const site = await MongooseSite.open(uri);
  const server = await start(uri);
  const result = {};
  for (const [figure, run] of Object.entries(wanted)) {
    await new Promise((done) => setTimeout(done, 5000)); // what the last figure left to be done in the background
    result[figure] = await run(server, (who, count) => pair(site, who, count));
    console.error(`${name}: ${figure}: ${result[figure].toFixed(1)}`);
  }
  await server.stop();
  await site.close();
  return result;
}

const digits = (value) => value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 0 : 1);
const range = (values) => {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(digits);
  return low === high ? low : `${low} to ${high}`;
};

const database = await startDatabase("secantus", { args: ["--sync-on-commit"] });
const ours = [];
const peers = [];
for (let run = 0; run < Number(runs); run++) {
  // Who goes first changes: a database server grows slower as it grows.
  const contestants = [
    async () => ours.push(await measure(database, startOurs, { ...figures, ...onlyOurs }, `parley${run}`)),
    async () => peers.push(await measure(database, startPeer, figures, `mongoose${run}`)),
  ];
  for (const contestant of run % 2 ? contestants.reverse() : contestants) await contestant();
}
database.remove();

console.log(`| per second, ${runs} runs of ${seconds} s | parley | Mongoose | ratio |\n|---|---|---|---|`);
for (const figure of [...Object.keys(figures), ...Object.keys(onlyOurs)]) {
  const mine = ours.map((result) => result[figure]);
  const theirs = peers.map((result) => result[figure]);
  const ratios = theirs[0] === undefined ? "" : range(mine.map((value, run) => value / theirs[run]));
  console.log(`| ${figure} | ${range(mine)} | ${theirs[0] === undefined ? "" : range(theirs)} | ${ratios} |`);
}
process.exit(0);
