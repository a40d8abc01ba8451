// Starts and stops the real binary for tests. Every server gets a folder of its own under the system's temporary folder, and any free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const binary = path.resolve(process.env.PARLEY_BINARY ?? "build/release/parley");

// Sanitizer runs are slow and hungry: heavy tests multiply their sizes by this.
export const scale = Number(process.env.PARLEY_TEST_SCALE ?? 1);
export const scaled = (count, least = 1) => Math.max(least, Math.round(count * scale));

export const jwtSecret = "a secret for tests only";

/** What the sanitizers were told, for programs under test that get an environment of their own. */
export function sanitizerOptions() {
  const names = ["ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"];
  return Object.fromEntries(names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

const running = new Set();
export const killAll = () => running.forEach((child) => child.kill("SIGKILL"));
process.on("exit", killAll);

/** One run of `parley serve`. `dataDir` survives stop() and kill() if it was given, so that a test may start again on it. */
export class Server {
  /**
   * @param {{flags?: string[], env?: object, dataDir?: string, cwd?: string, port?: number, readyMs?: number, wrapper?: string[]}} options
   *   wrapper: a command that runs the binary, such as ["bash", "-c", 'ulimit -n 256; exec "$0" "$@"']
   */
  static async start(options = {}) {
    const server = new Server();
    server.ownsFolder = !options.dataDir;
    server.dataDir = options.dataDir ?? mkdtempSync(path.join(os.tmpdir(), "parley-test-"));
    const flags = ["serve", "--port", String(options.port ?? 0), "--host", "127.0.0.1", "--data-dir", server.dataDir,
      "--bcrypt-cost", "4", ...(options.flags ?? [])];
    const [command, ...rest] = [...(options.wrapper ?? []), binary, ...flags];
    const environment = {
      PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "development", JWT_SECRET: jwtSecret, ...sanitizerOptions(),
    };
    server.child = spawn(command, rest, {
      cwd: options.cwd ?? server.dataDir, env: { ...environment, ...options.env }, stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(server.child);
    server.log = "";
    server.output = "";
    server.child.stderr.on("data", (chunk) => { server.log += chunk; });
    server.child.stdout.on("data", (chunk) => { server.output += chunk; });
    server.exited = once(server.child, "exit").then(([code, signal]) => {
      running.delete(server.child);
      return { code, signal };
    });
    await server.#ready(options.readyMs ?? 20_000);
    return server;
  }

  async #ready(milliseconds) {
    const end = Date.now() + milliseconds;
    let ended = false;
    this.exited.then(() => { ended = true; });
    while (!ended && Date.now() < end) {
      const address = /http:\/\/[^\s:]+:(\d+)/.exec(this.output);
      if (address) {
        this.port = Number(address[1]);
        this.url = `http://127.0.0.1:${this.port}`;
        return;
      }
      await new Promise((done) => setTimeout(done, 5));
    }
    throw new Error(`the server did not start\n${this.output}${this.log}`);
  }

  get pid() { return this.child.pid; }

  /** Resolves when the server says that it can serve: one whose database is elsewhere listens before it has reached that. */
  async ready(milliseconds = 30_000) {
    const end = Date.now() + milliseconds;
    while ((await fetch(`${this.url}/health/ready`)).status !== 200) {
      if (Date.now() > end) throw new Error(`the server did not become ready\n${this.output}${this.log}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** SIGTERM and the exit code; SIGKILL after `milliseconds`. */
  async stop(milliseconds = 15_000) {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), milliseconds);
    const { code, signal } = await this.exited;
    clearTimeout(timer);
    if (this.ownsFolder) rmSync(this.dataDir, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the server ended with ${code ?? signal}\n${this.log.slice(-20_000)}`);
    return code;
  }

  /** kill -9. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.exited;
  }
}

export function freshFolder() {
  return mkdtempSync(path.join(os.tmpdir(), "parley-test-"));
}
