// What an operation costs a server of ours in allocations and in system calls, by kind. Prints a Markdown table.
//     node bench/counts/run.mjs [BUILD_FOLDER]        needs strace
// Counts, not times: they are the same on every machine but for how many messages a turn of a loop finds.
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { spawn } from "node:child_process";
import path from "node:path";

import { Places } from "../compare/places.mjs";
import { finishWithJson, ServerProcess } from "../compare/programs.mjs";
import { jwtSecret, Seeds } from "../compare/seeds.mjs";

const places = new Places(process.argv[2] ?? "build/release", "build/bench-peers");
const seeds = new Seeds(places);
const counting = path.join(places.build, "bench/counts/libcount_allocations.so");
const warmUp = 0.5; // seconds, of each measurement of the load generators

const sockets = (title, scenario, ...flags) => ({ title, family: "sockets", arguments: [scenario, ...flags] });
const chat = (title, scenario, ...flags) => ({ title, family: "chat", arguments: [scenario, ...flags], messages: flags.includes("20") ? 20 : 0 });
const measured = [
  sockets("echo, one at a time", "echo", "--connections", 100),
  sockets("echo, 8 in flight", "echo", "--connections", 100, "--pipeline", 8),
  sockets("broadcast to 1,000, per delivery", "broadcast", "--connections", 1000),
  sockets("room of 100, per delivery", "rooms", "--connections", 200),
  chat("durable send, 64 clients", "send", "--clients", 64),
  chat("history of 20", "history", "--messages", 20),
  chat("user list", "users", "--users", 200),
  chat("GET /health/live", "smallest", "--path", "/health/live"),
];

const commands = {
  sockets: async () => [places.program("load_fixture"), "--port", 0, "--threads", 1],
  chat: async ({ messages }) => [places.program("parley"), "serve", "--port", 0, "--host", "127.0.0.1", "--rate-limits", "off", "--log-level", "warn",
    "--data-dir", await seeds.dataFolder({ users: 200, messages })],
};
const loaders = { sockets: () => [places.program("sockets_load")], chat: () => [places.program("chat_load")] };

async function start(one, env) {
  const variables = Object.entries({ ...env, JWT_SECRET: jwtSecret }).map(([name, value]) => `${name}=${value}`);
  return ServerProcess.start(["env", ...variables, ...(await commands[one.family](one))]);
}

/** How many operations there were from the load's begin to its end. */
async function load(one, { port, pid }) {
  const secret = one.family === "chat" ? ["--jwt-secret", jwtSecret] : [];
  const seconds = 3;
  const report = await finishWithJson([...loaders[one.family](), ...one.arguments, "--port", port, "--server-pid", pid, "--seconds", seconds, ...secret]);
  if (report.errors > 0) throw new Error(`${one.title}: ${report.errors} errors`);
  return report.rate * (seconds + warmUp);
}

async function allocations(one) {
  const file = path.join(places.freshFolder("allocations"), "count");
  const server = await start(one, { LD_PRELOAD: counting, BENCH_ALLOCATIONS: file });
  const read = () => Number(readFileSync(file).readBigUInt64LE());
  const before = read();
  const operations = await load(one, server);
  const count = read() - before;
  await server.stop();
  return count / operations;
}

/** Name of the call to calls per operation. */
async function systemCalls(one) {
  const file = path.join(places.freshFolder("calls"), "strace");
  const server = await start(one, {});
  const strace = spawn("strace", ["-c", "-f", "-o", file, "-p", server.pid], { stdio: "ignore" });
  await new Promise((done) => setTimeout(done, 500));
  const operations = await load(one, server);
  strace.kill("SIGINT");
  await once(strace, "exit");
  await server.stop();
  const rows = readFileSync(file, "utf8").split("\n").map((line) => line.trim().split(/\s+/)).filter(([share]) => /^\d+\.\d+$/.test(share));
  return rows.map((row) => [row.at(-1), Number(row[3]) / operations]).filter(([name]) => name !== "total");
}

if (!existsSync(counting)) throw new Error("libcount_allocations.so is not built: cmake --build build/release --target count_allocations");
console.log("| | allocations | system calls |\n|---|---|---|");
for (const one of measured) {
  const calls = (await systemCalls(one)).filter(([, count]) => count >= 0.02).sort(([, a], [, b]) => b - a);
  const named = calls.map(([name, count]) => `${count.toFixed(2)} ${name}`).join(", ");
  console.log(`| ${one.title} | ${(await allocations(one)).toFixed(1)} | ${named} |`);
}
process.exit(0);
