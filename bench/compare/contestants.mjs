// Who is measured, and how each is started. A contestant that is a server has start(seed), which gives {port, pid, databasePid?, server, stop()};
// one that only tells what the machine can do (a ceiling) has measure(options).
import { rmSync } from "node:fs";
import os from "node:os";

import { finishWithJson, ServerProcess } from "./programs.mjs";
import { jwtSecret } from "./seeds.mjs";

async function serve(command, options) {
  const server = await ServerProcess.start(command, options);
  return { server, port: server.port, pid: server.pid, stop: () => server.stop() };
}

const library = (places, title, ...flags) => ({
  title, ours: true, start: () => serve([places.program("load_fixture"), "--port", 0, ...flags]),
});

const parley = (places, seeds) => ({
  title: "Parley",
  ours: true,
  async start(seed) {
    const data = await seeds.dataFolder(seed);
    const flags = ["--port", 0, "--host", "127.0.0.1", "--data-dir", data, "--rate-limits", "off", "--log-level", "warn", "--bcrypt-cost", 10];
    const running = await serve([places.program("parley"), "serve", ...flags], { cwd: data, env: { JWT_SECRET: jwtSecret } });
    return { ...running, stop: async () => { await running.stop(); rmSync(data, { recursive: true, force: true }); } };
  },
});

const express = (places, seeds) => ({
  title: "Express",
  async start(seed) {
    const script = places.peer("chat", "server.mjs");
    const { startDatabase } = await import("../../tests/databases.mjs");
    const database = await startDatabase("secantus", { args: ["--sync-on-commit"] });
    try {
      const uri = database.uri("chat");
      await seeds.fillDatabase(seed, uri);
      const env = { PORT: "0", MONGO_DB_URI: uri, JWT_SECRET: jwtSecret, NODE_ENV: "production" };
      const running = await serve([process.execPath, script, "--port", 0], { env });
      return { ...running, databasePid: database.pid, stop: async () => { await running.stop(); database.remove(); } };
    } catch (error) {
      database.remove();
      throw error;
    }
  },
});

/** Name to contestant. Programs that are missing are told when they are started. */
export function contestants(places, seeds) {
  const cores = os.cpus().length;
  return {
    "parley-1": library(places, "Parley, 1 thread", "--threads", 1),
    "parley-all": library(places, `Parley, ${cores} threads`, "--threads", cores),
    node: { title: "Node", start: () => serve([process.execPath, places.peer("node", "server.mjs"), "--port", 0]) },
    bun: { title: "Bun", start: () => serve([places.peer("bun", "bun"), places.peer("bun", "server.mjs"), "--port", 0]) },
    "socketioxide-1": { title: "socketioxide, 1 thread", start: () => serve([places.peer("socketioxide", "socketioxide-peer"), "--port", 0, "--threads", 1]) },
    "socketioxide-all": {
      title: `socketioxide, ${cores} threads`, start: () => serve([places.peer("socketioxide", "socketioxide-peer"), "--port", 0, "--threads", cores]),
    },
    parley: parley(places, seeds),
    express: express(places, seeds),
    http_floor: { title: "bare epoll", ceiling: true, start: () => serve([places.program("http_floor"), "--port", 0]) },
    commit_ceiling: {
      title: "SQLite alone",
      ceiling: true,
      measure: ({ seconds }) =>
        finishWithJson([places.program("commit_ceiling"), places.freshFolder("commits"), "--seconds", seconds, "--rows-per-commit", 100]),
    },
    hash_ceiling: {
      title: "crypt_r alone",
      ceiling: true,
      measure: ({ seconds }) => finishWithJson([places.program("hash_ceiling"), "--seconds", seconds, "--cost", 10, "--threads", cores]),
    },
  };
}
