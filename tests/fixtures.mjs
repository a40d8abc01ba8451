// Starts the library's fixture servers, or their twins on the official library where PARLEY_TEST_REFERENCE is set.
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { sanitizerOptions } from "./support.mjs";

export const reference = Boolean(process.env.PARLEY_TEST_REFERENCE);
const examples = path.resolve(process.env.PARLEY_EXAMPLES ?? "build/release/examples");

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A running fixture: `port`, `url` and what it wrote (`log`). */
export class Fixture {
  /** @param {{name: string, twin: string, flags?: string[]}} options `name` of the program, `twin`: the script that stands for it in a reference run */
  static async start({ name, twin, flags = [] }) {
    const fixture = new Fixture();
    const [command, ...first] = reference ? [process.execPath, twin] : [path.join(examples, name)];
    fixture.child = spawn(command, [...first, "--port", "0", ...flags], {
      env: { PATH: process.env.PATH, ...sanitizerOptions() }, stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(fixture.child);
    // A test program that forgets one ends all the same, and takes it along.
    for (const handle of [fixture.child, fixture.child.stdout, fixture.child.stderr]) handle.unref();
    fixture.log = "";
    fixture.exited = once(fixture.child, "exit").then(([code, signal]) => { running.delete(fixture.child); return code ?? signal; });
    await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${name} said no port\n${fixture.log}`)), 20_000);
      const read = (chunk) => {
        fixture.log += chunk;
        const said = /(?:listening on |http:\/\/)(?:port |\S*:)?(\d+)\s/.exec(fixture.log);
        if (!said) return;
        clearTimeout(timer);
        fixture.port = Number(said[1]);
        done();
      };
      fixture.child.stdout.on("data", read);
      fixture.child.stderr.on("data", read);
      fixture.child.on("error", fail);
      fixture.exited.then((how) => fail(new Error(`${name} ended with ${how}\n${fixture.log}`)));
    });
    fixture.url = `http://127.0.0.1:${fixture.port}`;
    return fixture;
  }

  /** SIGTERM; a fixture that crashed, leaked (sanitizers) or does not end fails the test that stops it. */
  async stop() {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    const how = await this.exited;
    clearTimeout(timer);
    if (how !== 0) throw new Error(`the fixture ended with ${how}\n${this.log.slice(-20_000)}`);
  }
}
