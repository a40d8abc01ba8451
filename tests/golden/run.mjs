// Replays the recorded exchanges against the real binary: once for each way of starting it that a scenario asks for, on each database there is.
//   node tests/golden/run.mjs [NAME ...]      only the runs whose name holds one of these texts, such as "FerretDB" or "production"
// The last line is "N passed, N failed" (steps).
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { dropDatabase, freshName, missingDatabase, startDatabase } from "../databases.mjs";
import { Server, jwtSecret } from "../support.mjs";

const folder = path.dirname(fileURLToPath(import.meta.url));

const unlimited = ["--rate-limits", "off"];
// Hashes that take long enough for the times of log-ins to be compared.
const development = { name: "development", profile: "development", flags: [...unlimited, "--bcrypt-cost", "8"] };
const compatibility = {
  name: "compatibility switches", profile: "development", compat: "all", flags: [...unlimited, "--compat-status", "on", "--legacy-query-auth", "on"],
};
const production = { name: "production", profile: "production", flags: unlimited, env: { NODE_ENV: "production" }, cwd: path.join(folder, "site") };
const limits = { name: "limits", profile: "limits", flags: [] };
const documents = { name: "documents", check: "documents", flags: unlimited };

// Long ones first, those of one database apart: two run at a time.
const runs = [
  ["secantus", development], ["sqlite", development], ["secantus", compatibility], ["sqlite", compatibility],
  ["ferretdb", development], ["given", development], ["given", compatibility],
  ["secantus", production], ["sqlite", production], ["given", production],
  ["secantus", limits], ["sqlite", limits], ["given", limits],
  ["secantus", documents], ["ferretdb", documents], ["given", documents],
]
  // Sanitizer runs are slow, and the switches do not reach the storage.
  .filter(([kind, run]) => !process.env.PARLEY_TEST_SCALE || kind === "sqlite" || run === development || run === documents)
  .map(([kind, run]) => ({ ...run, kind, name: `${run.name} on ${titleOf(kind)}` }));

function titleOf(kind) {
  return { sqlite: "SQLite", secantus: "SecantusDB", ferretdb: "FerretDB", given: "the server of PARLEY_TEST_MONGO_URI" }[kind];
}

const databases = new Map();
/** The one server of this kind. Each run gets a database of its own there. */
function databaseOf(kind) {
  if (!databases.has(kind)) databases.set(kind, startDatabase(kind));
  return databases.get(kind);
}

function output(child) {
  return new Promise((done) => {
    let text = "";
    child.stdout.on("data", (chunk) => { text += chunk; });
    child.on("exit", () => done(text));
  });
}

function replay(server, run) {
  return output(spawn(process.execPath, [path.join(folder, "replay.mjs"), "--check", "--scenarios", folder, "--base", server.url, "--jwt-secret",
    jwtSecret, "--avatar", "any", "--profile", run.profile, "--scale-ms", process.env.PARLEY_TEST_SCALE ? "2" : "1",
    ...(run.compat ? ["--compat", run.compat] : [])], { stdio: ["ignore", "pipe", "inherit"] }));
}

function compareDocuments(server, uri) {
  return output(spawn(process.execPath, [path.join(folder, "documents.mjs"), "--base", server.url, "--db", uri], { stdio: ["ignore", "pipe", "inherit"] }));
}

let passed = 0;
let failed = 0;

async function perform(run) {
  const missing = run.kind !== "sqlite" && missingDatabase(run.kind);
  if (missing) return run.kind === "given" ? "" : `SKIP ${run.name}: ${missing}`;
  const began = Date.now();
  const uri = run.kind === "sqlite" ? undefined : (await databaseOf(run.kind)).uri(freshName());
  const server = await Server.start({ ...run, env: { ...run.env, ...(uri && { MONGO_DB_URI: uri }) } });
  await server.ready();
  let text = run.check === "documents" ? await compareDocuments(server, uri) : await replay(server, run);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(text);
  passed += Number(counts?.[1] ?? 0);
  failed += counts ? Number(counts[2]) : 1;
  try {
    await server.stop();
  } catch (error) {
    text += `FAIL the server's end: ${error.message}`;
    failed += 1;
  }
  if (uri) await dropDatabase(uri);
  return `-- ${run.name} (${((Date.now() - began) / 1000).toFixed(1)} s)\n${text}`;
}

const wanted = process.argv.slice(2);
const queue = runs.filter(({ name }) => !wanted.length || wanted.some((text) => name.includes(text)));

async function worker() {
  for (let run = queue.shift(); run; run = queue.shift()) {
    try {
      const text = await perform(run);
      if (text) console.log(text);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${run.name}: ${error.message}`);
    }
  }
}

await Promise.all([worker(), worker()]);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
