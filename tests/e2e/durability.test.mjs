// What was answered with 201 is there after a kill, in order, once; and a retry with its key is stored once.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";

import { Person, sleep, until } from "../people.mjs";
import { Server, freshFolder, scaled } from "../support.mjs";

test("kill -9 under load, several times: nothing answered is lost, doubled or moved", async () => {
  const dataDir = freshFolder();
  let server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  const bob = await Person.signUp(server, "bob");
  const senders = await Promise.all(Array.from({ length: 8 }, (_, i) => Person.signUp(server, `sender${i}`)));
  const acknowledged = senders.map(() => []);
  const next = senders.map(() => 0);

  for (let round = 0; round < scaled(6, 2); round++) {
    let stop = false;
    const work = senders.map(async (sender, i) => {
      while (!stop) {
        const text = `${i}-${next[i]}`;
        const reply = await sender.send(bob, text, { "Idempotency-Key": text }).catch(() => undefined);
        if (!reply) break; // no answer: the next round tries the same message again
        assert.equal(reply.status, 201);
        acknowledged[i].push(text);
        next[i]++;
      }
    });
    await sleep(100 + Math.random() * 400);
    await server.kill();
    stop = true;
    await Promise.all(work);
    server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
    for (const person of [bob, ...senders]) person.server = server;
  }

  for (const [i, sender] of senders.entries()) {
    const stored = (await bob.history(sender)).map(({ message }) => message);
    assert.deepEqual(stored.slice(0, acknowledged[i].length), acknowledged[i]);
    assert.ok(stored.length <= acknowledged[i].length + 1, "at most the one message that was not answered is there besides");
    assert.ok(acknowledged[i].length > 0);
  }
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("a retry with its key after a kill returns the first message", async () => {
  const dataDir = freshFolder();
  let server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  const first = await alice.send(bob, "once", { "Idempotency-Key": "k" });
  await server.kill();
  server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  alice.server = server;
  const again = await alice.send(bob, "once", { "Idempotency-Key": "k" });
  assert.equal(again.status, first.status);
  assert.deepEqual(again.json, first.json);
  assert.equal((await alice.send(bob, "something else", { "Idempotency-Key": "k" })).status, 409);
  assert.equal((await alice.history(bob)).length, 1);
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("a log-out is remembered across a kill", async () => {
  const dataDir = freshFolder();
  let server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  const alice = await Person.signUp(server, "alice");
  const { cookie } = alice;
  await alice.logOut();
  await server.kill();
  server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  alice.server = server;
  alice.cookie = cookie;
  assert.equal((await alice.request("GET", "/api/users")).status, 401);
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("without JWT_SECRET one is made, kept with mode 0600, and logins survive a restart", async () => {
  const { statSync, readdirSync } = await import("node:fs");
  const dataDir = freshFolder();
  let server = await Server.start({ dataDir, env: { JWT_SECRET: "" } });
  const alice = await Person.signUp(server, "alice");
  await server.stop();
  const secret = readdirSync(dataDir).find((name) => name.includes("secret"));
  assert.equal(statSync(`${dataDir}/${secret}`).mode & 0o777, 0o600);
  server = await Server.start({ dataDir, env: { JWT_SECRET: "" } });
  alice.server = server;
  assert.equal((await alice.request("GET", "/api/users")).status, 200);
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("SIGTERM: what is being answered is answered, a client in the queue is served, the exit code is 0", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off"] });
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  let stopped = false;
  const replies = [];
  const work = Array.from({ length: 16 }, async () => {
    while (!stopped) {
      const reply = await alice.send(bob, "x").catch((error) => ({ refused: error.cause?.code ?? error.message }));
      replies.push(reply);
      if (reply.refused) break;
    }
  });
  await sleep(200);
  server.child.kill("SIGTERM");
  const { code } = await server.exited;
  stopped = true;
  await Promise.all(work);
  assert.equal(code, 0);
  const good = replies.filter(({ status }) => status === 201).length;
  assert.ok(good > 0);
  assert.deepEqual(replies.filter(({ status, refused }) => status !== 201 && !refused), []);
});

test("100 clients come back by themselves after SIGTERM and a restart", async () => {
  const dataDir = freshFolder();
  let server = await Server.start({ flags: ["--rate-limits", "off"], dataDir });
  const people = [];
  for (let i = 0; i < 20; i++) people.push(await Person.signUp(server, `person${i}`));
  const sockets = people.flatMap((person, i) => Array.from({ length: 5 }, (_, k) =>
    person.socket({ reconnection: true, reconnectionDelay: 100, reconnectionDelayMax: 500, transports: [["polling"], ["websocket"], undefined][(i + k) % 3] })));
  await until(() => sockets.every(({ connected }) => connected), "all connect", 20_000);
  const reasons = [];
  for (const socket of sockets) socket.on("disconnect", (reason) => reasons.push(reason));
  const { port } = server;
  await server.stop();
  await until(() => reasons.length === sockets.length, "all have noticed");
  assert.deepEqual([...new Set(reasons)].filter((reason) => reason === "io server disconnect"), [], "stock clients would not come back after that");
  server = await Server.start({ flags: ["--rate-limits", "off"], dataDir, port });
  await until(() => sockets.every(({ connected }) => connected), "all are back", 30_000);
  for (const socket of sockets) socket.disconnect();
  await server.stop();
  rmSync(dataDir, { recursive: true });
});

test("a second server on the same data or the same port stops with a sentence", async () => {
  const server = await Server.start();
  await assert.rejects(Server.start({ dataDir: server.dataDir }), /in use/);
  await assert.rejects(Server.start({ port: server.port }), new RegExp(`port ${server.port} is in use`));
  await server.stop();
});
