// Child processes of a measuring run: servers that are waited for, and programs that end. None outlives this program, also if that is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

const kept = 20_000; // of the output of a program, the end

/** A running program: {child, output, complaints, ended}. */
function start(command, { env = {}, cwd } = {}) {
  // setpriv ends it with this process, also if this process is killed.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...command.map(String)], {
    cwd, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, stdio: ["ignore", "pipe", "pipe"],
  });
  const program = { child, output: "", complaints: "" };
  running.add(child);
  child.stdout.on("data", (chunk) => { program.output = (program.output + chunk).slice(-kept); });
  child.stderr.on("data", (chunk) => { program.complaints = (program.complaints + chunk).slice(-kept); });
  child.on("error", (error) => { program.complaints += error.message; });
  program.ended = once(child, "close").then(([code, signal]) => code ?? signal, () => "error").finally(() => running.delete(child));
  return program;
}

/** The last thing that a program said, for a sentence about what went wrong. */
function lastWords({ output, complaints }) {
  const said = `${output}\n${complaints}`.split("\n").map((line) => line.trim()).filter(Boolean);
  return (said.at(-1) ?? "it said nothing").slice(0, 200);
}

/** Runs a program to its end: its standard output. Throws a sentence if it fails or takes longer. */
export async function finish(command, { seconds = 120, ...options } = {}) {
  const program = start(command, options);
  const name = String(command[0]).split("/").at(-1);
  let late = false;
  const timer = setTimeout(() => { late = true; program.child.kill("SIGKILL"); }, seconds * 1000);
  const code = await program.ended;
  clearTimeout(timer);
  if (late) throw new Error(`${name} took more than ${seconds} s`);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${lastWords(program)}`);
  return program.output;
}

/** The same, for a program whose last line is JSON. */
export async function finishWithJson(command, options) {
  const line = (await finish(command, options)).trim().split("\n").at(-1);
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${command[0].split("/").at(-1)} printed no JSON: ${line.slice(0, 100)}`);
  }
}

/** A server that says "http://…:PORT" when it listens. */
export class ServerProcess {
  #program;

  static async start(command, { readyMs = 30_000, ...options } = {}) {
    const server = new ServerProcess();
    server.name = String(command[0] === process.execPath ? command[1] : command[0]).split("/").slice(-2).join("/");
    const began = performance.now();
    server.#program = start(command, options);
    const address = server.#addressLine();
    const timer = setTimeout(() => server.#program.child.kill("SIGKILL"), readyMs);
    server.port = await Promise.race([address, server.#program.ended.then(() => undefined)]);
    server.startMs = performance.now() - began;
    clearTimeout(timer);
    if (!server.port) throw new Error(`${server.name} did not start: ${lastWords(server.#program)}`);
    return server;
  }

  #addressLine() {
    const program = this.#program;
    return new Promise((done) => program.child.stdout.on("data", () => {
      const address = /http:\/\/[^\s/]+:(\d+)/.exec(program.output);
      if (address) done(Number(address[1]));
    }));
  }

  get pid() { return this.#program.child.pid; }

  /** Throws if it is not there any more. */
  check() {
    const { exitCode, signalCode } = this.#program.child;
    if (exitCode !== null || signalCode !== null) throw new Error(`${this.name} ended by itself (${exitCode ?? signalCode}): ${lastWords(this.#program)}`);
  }

  /** SIGTERM, and SIGKILL after `milliseconds`. */
  async stop(milliseconds = 10_000) {
    const { child } = this.#program;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    await this.#program.ended;
    clearTimeout(timer);
  }
}

/** The resident set of a process, in bytes. */
export function residentBytes(pid) {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]) * 1024;
}
