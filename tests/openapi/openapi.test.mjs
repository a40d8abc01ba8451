// docs/openapi.yaml against the running server: Schemathesis sends what it allows and what it forbids, and compares every answer with it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Person } from "../people.mjs";
import { Server, scaled } from "../support.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..", "..");
const folder = path.resolve(process.env.PARLEY_TEST_CLIENTS ?? "build/test-clients");
const schemathesis = path.join(folder, "schemathesis", "bin", "schemathesis");

const installed = spawnSync(path.join(root, "tools", "test-clients"), [folder, "schemathesis"], { encoding: "utf8", timeout: 660_000 });
const missing = existsSync(path.join(folder, "schemathesis.stamp")) || process.env.CI ? false : `Schemathesis is not here: ${installed.stderr}`;

let server;
let ada;
let bob;
before(async () => {
  server = await Server.start({ flags: ["--rate-limits", "off"] });
  ada = await Person.signUp(server, "Ada");
  bob = await Person.signUp(server, "Bob");
  for (const text of ["one", "two", "three"]) await ada.request("POST", `/api/messages/send/${bob.id}`, { message: text });
});
after(() => server?.stop());

/** Runs Schemathesis as `person`, with further parameters; what it complains of, or "". */
function complaints(person, flags, parameters = "") {
  const env = { ...process.env, PARLEY_TEST_COOKIE: person.cookie, PARLEY_TEST_USER: person.id, PYTHONDONTWRITEBYTECODE: "1" };
  const config = path.join(server.dataDir, "schemathesis.toml");
  writeFileSync(config, readFileSync(path.join(here, "schemathesis.toml"), "utf8") + parameters);
  const child = spawn(schemathesis, ["--config-file", config, "run", path.join(root, "docs", "openapi.yaml"),
    "--url", server.url, "--max-examples", String(scaled(40, 8)), ...flags], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => { said += chunk; });
  return new Promise((done) => child.on("exit", (code) => done(code === 0 ? "" : `exit code ${code}\n${said}`)));
}

test("every answer is what the document says", { skip: missing, timeout: 600_000 }, async () => {
  assert.equal(await complaints(ada, ["--exclude-operation-id", "logOut"]), "");
});

test("also of a person and a conversation that are there", { skip: missing, timeout: 600_000 }, async () => {
  const peer = `"path.id" = "${bob.id}"\n`;
  assert.equal(await complaints(ada, ["--include-path-regex", "[{]id[}]"], peer), "");
});

test("logging out as well, which ends what the others need", { skip: missing, timeout: 120_000 }, async () => {
  assert.equal(await complaints(await bob.logInAgain(), ["--include-operation-id", "logOut"]), "");
});
