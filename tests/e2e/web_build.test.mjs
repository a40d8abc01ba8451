// tools/web-client: builds once, again when a source has changed, one at a time; and what it says when Node.js is missing or npm fails. The client it
// builds here is a stand-in without dependencies.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, test } from "node:test";

const tool = path.resolve("tools/web-client");
const folders = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

// Fails if another build is under way in the same place.
const build = `
import { appendFileSync, closeSync, cpSync, mkdirSync, openSync, unlinkSync } from "node:fs";
closeSync(openSync("../running", "wx"));
await new Promise((done) => setTimeout(done, 300));
mkdirSync("dist/assets", { recursive: true });
cpSync("index.html", "dist/index.html");
cpSync("app.js", "dist/assets/app-BxT3k9aQ.js");
appendFileSync("../builds", "x");
unlinkSync("../running");
`;

class StandIn {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), "parley-web-"));
    folders.push(this.folder);
    this.out = path.join(this.folder, "out");
    mkdirSync(path.join(this.folder, "web"));
    const about = { name: "stand-in", version: "0.0.0" };
    this.write("package.json", JSON.stringify({ ...about, private: true, scripts: { build: "node build.mjs" } }));
    this.write("package-lock.json", JSON.stringify({ ...about, lockfileVersion: 3, requires: true, packages: { "": about } }));
    this.write(".gitignore", "/dist/\n/node_modules/\n");
    this.write("build.mjs", build);
    this.write("index.html", "<!doctype html><title>stand-in</title>".repeat(20));
    this.write("app.js", "console.log('stand-in');\n".repeat(50));
  }

  write(name, text) { writeFileSync(path.join(this.folder, "web", name), text); }
  get bundle() { return path.join(this.out, "client.bundle"); }
  get builds() { return existsSync(`${this.folder}/builds`) ? readFileSync(`${this.folder}/builds`, "utf8").length : 0; }

  run(flags = [], environment = {}) {
    const env = { ...process.env, PARLEY_WEB_SOURCE: path.join(this.folder, "web"), npm_config_update_notifier: "false", ...environment };
    return new Promise((done) => execFile("bash", [tool, ...flags, this.out], { env }, (error, stdout, stderr) => {
      done({ code: error ? error.code : 0, said: stdout + stderr });
    }));
  }
}

/** A PATH with what the tool uses, without Node.js: or with something else in its place. */
function pathWithoutNode(node) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "parley-path-"));
  folders.push(folder);
  for (const name of ["bash", "cat", "cmp", "cut", "dirname", "env", "find", "flock", "grep", "mkdir", "mv", "rm", "sha256sum", "sort", "tail", "xargs"])
    symlinkSync(execFileSync("bash", ["-c", `type -P ${name}`], { encoding: "utf8" }).trim(), path.join(folder, name));
  if (node) writeFileSync(path.join(folder, "node"), node, { mode: 0o755 });
  return { PATH: folder };
}

test("it builds once, and again when a source has changed", async () => {
  const client = new StandIn();
  const first = await client.run();
  assert.equal(first.code, 0, first.said);
  assert.match(first.said, /2 files/);
  assert.equal(readFileSync(client.bundle).subarray(0, 8).toString(), "PARLEYW1");
  const { mtimeMs } = statSync(client.bundle);
  client.write("app.test.ts", "a test is no part of what is built");
  assert.deepEqual(await client.run(), { code: 0, said: "" });
  assert.equal(client.builds, 1);
  assert.equal(statSync(client.bundle).mtimeMs, mtimeMs);
  client.write("app.js", "changed");
  assert.equal((await client.run()).code, 0);
  assert.equal(client.builds, 2);
  assert.ok(readFileSync(client.bundle).includes("changed"));
});

test("two builds at the same time: one builds, the other waits and has it", async () => {
  const client = new StandIn();
  const outcomes = await Promise.all([client.run(), client.run(), client.run(["--optional"])]);
  for (const { code, said } of outcomes) assert.equal(code, 0, said);
  assert.equal(client.builds, 1);
});

test("without Node.js the file says so, and is replaced when it is there", async () => {
  const client = new StandIn();
  const without = pathWithoutNode();
  const left = await client.run(["--optional"], without);
  assert.equal(left.code, 0, left.said);
  assert.match(left.said, /left out: Node\.js was not there when it was built\. `make build` installs it/);
  assert.equal(readFileSync(client.bundle, "utf8"), "none: Node.js was not there when it was built\n");
  const { mtimeMs } = statSync(client.bundle);
  await client.run(["--optional"], without);
  assert.equal(statSync(client.bundle).mtimeMs, mtimeMs);
  assert.equal((await client.run([], without)).code, 1);
  assert.equal((await client.run(["--optional"])).code, 0);
  assert.equal(client.builds, 1);
  // What was built stays good without Node.js.
  assert.deepEqual(await client.run(["--optional"], without), { code: 0, said: "" });
});

test("a Node.js that is too old, or without npm, is as good as none", async () => {
  const client = new StandIn();
  const old = await client.run(["--optional"], pathWithoutNode("#!/bin/bash\necho v16.20.2\n"));
  assert.match(old.said, /Node\.js 18 is needed, 16\.20\.2 was there/);
  const alone = await client.run(["--optional"], pathWithoutNode("#!/bin/bash\necho v18.20.4\n"));
  assert.match(alone.said, /npm was not there/);
});

test("a failing npm stops the build with its last lines and the way out, and is tried again", async () => {
  const client = new StandIn();
  client.write("build.mjs", "console.error('line of the reason'); process.exit(3);");
  for (let turn = 0; turn < 2; ++turn) {
    const { code, said } = await client.run(["--optional"]);
    assert.equal(code, 1);
    assert.match(said, /line of the reason/);
    assert.match(said, /npm run build failed/);
    assert.match(said, /-DPARLEY_WEB_CLIENT=OFF/);
    assert.ok(!existsSync(client.bundle));
  }
  client.write("package-lock.json", "not a lock file");
  assert.match((await client.run()).said, /npm ci failed/);
});

test("a build without a page is no client", async () => {
  const client = new StandIn();
  client.write("build.mjs", "import { mkdirSync } from 'node:fs'; mkdirSync('dist');");
  const { code, said } = await client.run();
  assert.equal(code, 1);
  assert.match(said, /there is no index\.html/);
});
