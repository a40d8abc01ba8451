// Starts and stops real database servers of MongoDB's protocol for tests, as tools/test-databases installed them: "secantus" and "ferretdb".
// "given" is the server that PARLEY_TEST_MONGO_URI names; nothing starts or stops that one.
// Each server gets any free port of 127.0.0.1 and a folder of its own, keeps both over restarts, and does not outlive the test program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, openSync, closeSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const installed = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../build/test-databases");

const programs = {
  secantus: {
    name: "SecantusDB",
    path: process.env.PARLEY_TEST_SECANTUS || path.join(installed, "secantusdb/bin/secantusd-py"),
    // The empty configuration keeps it from looking for one in the person's home.
    flags: (port, data, config) => ["--port", port, "--config", config, "--host", "127.0.0.1", "--storage-path", data, "--enable-test-commands"],
  },
  ferretdb: {
    name: "FerretDB",
    path: process.env.PARLEY_TEST_FERRETDB || path.join(installed, "ferretdb/ferretdb"),
    flags: (port, data) => ["-port", port, "-folder", data],
  },
};

/** Why there is no such server here, or false: for a test's `skip`. In CI always false, so that the test runs and fails; "given" is optional everywhere. */
export function missingDatabase(kind) {
  if (kind === "given") return process.env.PARLEY_TEST_MONGO_URI ? false : "PARLEY_TEST_MONGO_URI is not set";
  return !process.env.CI && !existsSync(programs[kind].path) && `${programs[kind].name} is not here: run tools/test-databases`;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

function accepts(port) {
  const socket = net.connect(port, "127.0.0.1");
  return new Promise((done) => {
    socket.on("connect", () => done(true)).on("error", () => done(false));
  }).finally(() => socket.destroy());
}

/** `mongodb://hosts[/database][?options]` with another database. */
export function withDatabase(uri, database) {
  const [, hosts, options] = /^([^:]+:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri);
  return `${hosts}/${database}${options ?? ""}`;
}

const alive = new Set();
process.on("exit", () => alive.forEach((database) => database.remove()));

class Database {
  #data;
  #config;
  #logFile;
  #arguments;
  #uriOptions;
  #child = null;
  #exited = Promise.resolve();

  constructor(kind, { port, folder, args = [], uriOptions = "" }) {
    this.kind = kind;
    this.port = port;
    this.folder = mkdtempSync(path.join(os.tmpdir(), "parley-test-"));
    this.#data = folder ?? path.join(this.folder, "data");
    this.#config = path.join(this.folder, "config");
    this.#logFile = path.join(this.folder, "log");
    mkdirSync(this.#data, { recursive: true });
    writeFileSync(this.#config, "");
    this.#arguments = args;
    this.#uriOptions = uriOptions && `?${uriOptions}`;
    alive.add(this);
  }

  uri(name = "") { return `mongodb://127.0.0.1:${this.port}/${name}${this.#uriOptions}`; }
  get pid() { return this.#child?.pid; }
  get running() { return this.#child !== null; }
  get log() { return existsSync(this.#logFile) ? readFileSync(this.#logFile, "utf8") : ""; }

  /** Resolves when it answers. Its documents are those that it had. */
  async start() {
    const program = programs[this.kind];
    if (!existsSync(program.path)) throw new Error(`${program.name} is not here: run tools/test-databases`);
    const log = openSync(this.#logFile, "a");
    // setpriv ends the server with this process, also if this process is killed.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", program.path, ...program.flags(String(this.port), this.#data, this.#config),
      ...this.#arguments], { cwd: this.folder, stdio: ["ignore", log, log] });
    closeSync(log);
    child.unref(); // a database that nobody stopped must not keep a finished test waiting
    this.#child = child;
    this.#exited = once(child, "exit").then(() => { if (this.#child === child) this.#child = null; });
    const end = Date.now() + 60_000;
    while (!(await this.#answers())) {
      if (!this.running || Date.now() > end) {
        await this.kill();
        throw new Error(`${program.name} did not start on port ${this.port}\n${this.log}`);
      }
      await pause(20);
    }
    // What answered must be ours, and not somebody who took the port first.
    if (!this.running) throw new Error(`${program.name} ended at once\n${this.log}`);
  }

  // Any answer will do, also a refusal: with --auth only those who log in may ping.
  async #answers() {
    if (!(await accepts(this.port))) return false;
    const { MongoClient, MongoServerError } = await import("mongodb");
    const client = new MongoClient(this.uri(), { serverSelectionTimeoutMS: 500, connectTimeoutMS: 1000, directConnection: true });
    try {
      await client.db("admin").command({ ping: 1 });
      return true;
    } catch (error) {
      return error instanceof MongoServerError;
    } finally {
      await client.close();
    }
  }

  /** As an administrator would: SIGTERM, and SIGKILL only if that does not help in 20 s. The documents stay. */
  async stop() {
    const child = this.#child;
    child?.kill("SIGCONT");
    child?.kill("SIGTERM");
    const timer = setTimeout(() => child?.kill("SIGKILL"), 20_000);
    child?.ref();
    await this.#exited;
    clearTimeout(timer);
  }

  /** kill -9. SecantusDB loses what it acknowledged last, unless its args say "--sync-on-commit". */
  async kill() {
    this.#child?.kill("SIGKILL");
    this.#child?.ref();
    await this.#exited;
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  /** Stops its process without closing a connection: it is there and answers nothing. */
  freeze() { this.#child?.kill("SIGSTOP"); }
  thaw() { this.#child?.kill("SIGCONT"); }

  /** Ends it and removes its folder, but not one that was given. Done for every database at the end of the program. */
  remove() {
    alive.delete(this);
    this.#child?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}

const given = {
  kind: "given",
  uri: (name) => withDatabase(process.env.PARLEY_TEST_MONGO_URI, name),
  stop: async () => {},
  remove: () => {},
};

/**
 * A running database server.
 * @param {"secantus"|"ferretdb"|"given"} kind
 * @param {{port?: number, folder?: string, args?: string[], uriOptions?: string}} options
 *   folder: for its data, kept; args: appended to the program's own; uriOptions: what comes after the ? of every uri(), such as "tls=true"
 */
export async function startDatabase(kind, options = {}) {
  if (kind === "given") return given;
  for (let left = options.port ? 1 : 5; ; left -= 1) {
    const database = new Database(kind, { ...options, port: options.port ?? await freePort() });
    try {
      await database.start();
      return database;
    } catch (error) {
      // Somebody else may have taken the port between the look and the start.
      database.remove();
      if (left === 1) throw error;
    }
  }
}

/** For what a test leaves on a server that stays. */
export async function dropDatabase(uri) {
  const { MongoClient } = await import("mongodb");
  const client = await MongoClient.connect(uri);
  await client.db().dropDatabase();
  await client.close();
}

/** A name that no other test and no other run uses. */
let named = 0;
export const freshName = () => `parley_test_${process.pid}_${named += 1}_${Date.now().toString(36)}`;
