// Clients of other languages: each program goes through its situations over polling, over WebSocket and with an upgrade, and prints
// "ok - …" or "not ok - …: why" for each. What a client cannot do is said where its program tests what it does instead.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startFixture } from "./support.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = path.resolve(process.env.PARLEY_TEST_CLIENTS ?? "build/test-clients");
const inFolder = (...names) => path.join(folder, ...names);
const situations = 30; // of each program: ten over each transport

// The Java client does not notice that a WebSocket was closed but by a ping that does not come.
const swiftPings = ["--ping-interval", "2000", "--ping-timeout", "4000"];
const java = ["-cp", `${inFolder("java", "classes")}:${inFolder("java", "jars", "*")}`, "Interop"];
const python = [path.join(here, "python", "interop.py")];
const programs = [
  { client: "python-socketio, Client", needs: inFolder("python.stamp"), command: [inFolder("python", "bin", "python"), ...python, "sync"] },
  { client: "python-socketio, AsyncClient", needs: inFolder("python.stamp"), command: [inFolder("python", "bin", "python"), ...python, "async"] },
  { client: "socket.io-client for Java", needs: inFolder("java.stamp"), command: ["java", ...java], flags: swiftPings },
  { client: "rust_socketio, blocking", needs: inFolder("rust.stamp"), command: [inFolder("rust", "interop"), "blocking"] },
  { client: "rust_socketio, asynchronous", needs: inFolder("rust.stamp"), command: [inFolder("rust", "interop"), "async"] },
];

const installed = spawnSync(path.join(here, "..", "..", "tools", "test-clients"), [folder, "python", "java", "rust"], { encoding: "utf8", timeout: 840_000 });
if (installed.stderr) console.error(installed.stderr);

/** Runs it to its end: its exit code and all that it printed. */
function run([command, ...flags]) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  return new Promise((done) => {
    execFile(command, flags, { env, timeout: 240_000, killSignal: "SIGKILL", maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      done({ code: error ? (error.code ?? error.signal) : 0, stdout, stderr });
    });
  });
}

/** A missing toolchain is a skip, and a failure where CI is set. */
function absent({ client, needs }) {
  if (existsSync(needs)) return false;
  const said = installed.stderr?.split("\n").filter((line) => line.includes(" is not here: ")).join("; ") || String(installed.error ?? "");
  if (process.env.CI) throw new Error(`${client} is not here: ${said}`);
  return `client is not here: ${client} (${said})`;
}

describe("clients of other languages", { concurrency: 2 }, () => { for (const program of programs) {
  test(program.client, { timeout: 300_000 }, async (t) => {
    const why = absent(program);
    if (why) return t.skip(why);
    const fixture = await startFixture(...(program.flags ?? []));
    const { code, stdout, stderr } = await run([...program.command, fixture.url]).finally(() => fixture.stop());
    const lines = stdout.split("\n").filter((line) => /^(not )?ok - /.test(line));
    for (const line of lines) {
      const [, bad, name] = /^(not )?ok - (\w+: [\w ]+)/.exec(line);
      await t.test(name, () => assert.ok(!bad, line));
    }
    const last = `${stdout.slice(-2000)}\n${stderr.slice(-8000)}`;
    assert.equal(lines.length, situations, `it told of ${lines.length} situations, not of ${situations}\n${last}`);
    assert.equal(code, 0, last);
  });
} });
