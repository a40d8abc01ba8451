// How the server gets in: TLS and passwords through the URI, and what it says when they are wrong.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { missingDatabase, startDatabase } from "../databases.mjs";
import { Person } from "../people.mjs";
import { binary, freshFolder, sanitizerOptions } from "../support.mjs";
import { MongooseSite } from "./mongoose_site.mjs";
import { serve } from "./world.mjs";

const secantus = { skip: missingDatabase("secantus"), timeout: 120_000 };

/** `parley serve` until it ends by itself: its exit code, everything it printed, and how long it took. */
async function runToItsEnd(uri) {
  const folder = freshFolder();
  const began = Date.now();
  const child = spawn(binary, ["serve", "--port", "0", "--host", "127.0.0.1", "--data-dir", folder],
    { cwd: folder, env: { PATH: process.env.PATH, ...sanitizerOptions(), MONGO_DB_URI: uri }, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => { text += chunk; });
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  return { code, signal, text, milliseconds: Date.now() - began };
}

/** A CA of its own and a certificate for `names` by it, as files. */
function certificates(names) {
  const folder = freshFolder();
  const file = (name) => path.join(folder, name);
  const openssl = (...options) => execFileSync("openssl", options, { stdio: "pipe" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=CA of a test", "-keyout", file("ca.key"), "-out", file("ca.pem"));
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=database", "-keyout", file("server.key"), "-out", file("server.csr"));
  writeFileSync(file("names"), `subjectAltName=${names}\n`);
  openssl("x509", "-req", "-days", "2", "-in", file("server.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial",
    "-extfile", file("names"), "-out", file("server.pem"));
  return { folder, ca: file("ca.pem"), key: file("server.key"), certificate: file("server.pem") };
}

test("in a new folder, with nothing set but the URI, it makes a secret of its own and serves", secantus, async () => {
  const database = await startDatabase("secantus");
  const folder = freshFolder();
  const dataDir = path.join(folder, "data");
  let server = await serve(database.uri("fresh"), { dataDir, cwd: folder, env: { JWT_SECRET: "" } });
  const alice = await Person.signUp(server, "alice");
  await server.stop();
  server = await serve(database.uri("fresh"), { dataDir, cwd: folder, env: { JWT_SECRET: "" } });
  alice.server = server;
  assert.equal((await alice.request("GET", "/api/users")).status, 200, "the log-in is still valid");
  await server.stop();
  await database.stop();
  rmSync(folder, { recursive: true });
});

test("TLS through the URI: with its CA the server stores, without it nothing is ever sent", secantus, async () => {
  const files = certificates("IP:127.0.0.1,DNS:localhost");
  const database = await startDatabase("secantus",
    { args: ["--tls-cert-file", files.certificate, "--tls-key-file", files.key], uriOptions: `directConnection=true&tls=true&tlsCAFile=${files.ca}` });
  const trusting = database.uri("secret");
  const uri = trusting.replace(/&tlsCAFile=.*/, "");
  const server = await serve(trusting);
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  assert.equal((await alice.send(bob, "under the rose")).status, 201);
  const mongoose = await MongooseSite.open(trusting);
  assert.deepEqual(await mongoose.texts(alice, bob), ["under the rose"]);
  await server.stop();

  const distrustful = await serve(uri, { absent: true });
  const ready = await fetch(`${distrustful.url}/health/ready`);
  assert.equal(ready.status, 503);
  const refused = await new Person(distrustful, "alice").request("POST", "/api/auth/login", { username: "alice", password: "secret1" });
  assert.deepEqual([refused.status, typeof refused.json?.error], [503, "string"]);
  await distrustful.stop();
  await mongoose.close();
  database.remove();
  rmSync(files.folder, { recursive: true });
});

test("SCRAM: the right password stores; a wrong one ends the start with a sentence that does not tell it", secantus, async () => {
  const password = "p@ss:w/rd and more";
  const folder = freshFolder();
  const open = await startDatabase("secantus", { folder });
  const admin = await MongooseSite.open(`${open.uri("admin")}?directConnection=true`);
  await admin.connection.db.command({ createUser: "keeper", pwd: password, roles: ["root"] });
  await admin.close();
  await open.stop();

  const database = await startDatabase("secantus", { folder, args: ["--auth"] });
  const uri = (word) => `mongodb://keeper:${encodeURIComponent(word)}@127.0.0.1:${database.port}/chat?authSource=admin&directConnection=true`;
  const server = await serve(uri(password));
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  assert.equal((await alice.send(bob, "hello")).status, 201);
  for (const secret of [password, encodeURIComponent(password)]) assert.ok(!`${server.log}${server.output}`.includes(secret), "the log tells the password");
  await server.stop();

  const end = await runToItsEnd(uri("not the p@ssword"));
  assert.equal(end.code, 1, end.text);
  assert.match(end.text, /authenticat|password|log ?in/i);
  for (const secret of ["not the p@ssword", encodeURIComponent("not the p@ssword")]) assert.ok(!end.text.includes(secret), end.text);

  const nobody = await runToItsEnd(`${database.uri("chat")}?directConnection=true`);
  assert.equal(nobody.code, 1, `without a name\n${nobody.text}`);
  database.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("a URI that is none ends the start with a sentence that does not tell its password", async () => {
  for (const uri of ["mongodb://keeper:hush@", "mongodb://keeper:hush@localhost:port/x", "http://keeper:hush@localhost/x", "nonsense",
    "mongodb://keeper:hu%sh@localhost/x"]) {
    const end = await runToItsEnd(uri);
    assert.ok(end.code === 1 || end.code === 2, `${uri}: ${end.code ?? end.signal} ${end.text}`);
    assert.ok(end.milliseconds < 5000, `${uri}: ${end.milliseconds} ms`);
    assert.match(end.text, /mongo/i, uri);
    assert.ok(!/hush|hu%sh/.test(end.text), end.text);
  }
});
