// Slow readers, few descriptors, a full disk: bounded memory, clear answers, and recovery without a restart.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

import { Person, events, forgeToken, seesOnline, sleep, until } from "../people.mjs";
import { Server, scale, scaled } from "../support.mjs";

const residentKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);

/** Runs `count` jobs, `width` at a time. */
async function inParallel(count, width, job) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(width, count) }, async () => {
    while (next < count) await job(next++);
  }));
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

function post(server, cookie, target, body, headers = {}) {
  return new Promise((done, fail) => {
    const text = JSON.stringify(body);
    const request = http.request(server.url + target, {
      method: "POST", agent, headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), Cookie: cookie, ...headers },
    }, (response) => {
      let answer = "";
      response.on("data", (chunk) => { answer += chunk; });
      response.on("end", () => done({ status: response.statusCode, json: JSON.parse(answer) }));
    });
    request.on("error", fail);
    request.end(text);
  });
}

test("ulimit -n 256: what does not fit is told so, and the server lives on", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off"], wrapper: ["bash", "-c", 'ulimit -n 256; exec "$0" "$@"'] });
  const held = [];
  try {
    const answers = [];
    for (let i = 0; i < 400; i++) {
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("data", (chunk) => answers.push(chunk.toString("latin1")));
      held.push(socket);
    }
    await until(() => answers.some((text) => text.startsWith("HTTP/1.1 503")), "a 503 for those beyond the cap");
    assert.match(answers[0], /\{"error":/);
    for (const socket of held) socket.destroy();
    await until(async () => (await fetch(`${server.url}/health/live`).catch(() => undefined))?.status === 200, "service after they have gone");
    const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
    assert.equal((await alice.send(bob, "still here")).status, 201);
  } finally {
    for (const socket of held) socket.destroy();
    await server.stop();
  }
});

test("a full disk: 503 for what cannot be stored, nothing acknowledged is lost, recovery when there is space", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "parley-small-disk-"));
  const mount = `mount -t tmpfs -o size=12m tmpfs ${folder} && dd if=/dev/zero of=${folder}/filler bs=1M count=6 status=none`;
  const server = await Server.start({
    flags: ["--rate-limits", "off"], dataDir: `${folder}/data`, cwd: os.tmpdir(),
    wrapper: ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c", `${mount} && exec "$0" "$@"`],
  });
  try {
    const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
    const acknowledged = [];
    let refused;
    for (let i = 0; i < 300 && !refused; i++) {
      const text = `${i} ${"x".repeat(60_000)}`;
      const reply = await alice.send(bob, text);
      if (reply.status === 201) acknowledged.push(text);
      else refused = reply;
    }
    assert.equal(refused?.status, 503);
    assert.equal(typeof refused.json.error, "string");
    assert.equal((await fetch(`${server.url}/health/live`)).status, 200);
    assert.deepEqual((await bob.history(alice)).map(({ message }) => message), acknowledged);

    rmSync(`/proc/${server.pid}/root${folder}/filler`);
    await until(async () => (await alice.send(bob, "there is space again")).status === 201, "recovery without a restart");
    const stored = (await bob.history(alice)).map(({ message }) => message);
    assert.deepEqual(stored, [...acknowledged, "there is space again"]);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a slow reader of a long history, while writes go on: complete, in order, memory and log bounded", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off"] });
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  const total = scaled(100_000, 5_000);
  const padding = "p".repeat(40);
  await inParallel(total, 32, (i) => post(server, alice.cookie, `/api/messages/send/${bob.id}`, { message: `${i} ${padding}` }));
  const before = residentKiB(server.pid);

  let stop = false;
  let written = 0;
  const writing = inParallel(Infinity, 4, async () => {
    if (stop) await new Promise(() => {});
    const { status } = await post(server, alice.cookie, `/api/messages/send/${bob.id}`, { message: `later ${padding}` });
    assert.equal(status, 201);
    written++;
  });
  writing.catch(() => {});

  const text = await new Promise((done, fail) => {
    http.get(`${server.url}/api/messages/${alice.id}`, { headers: { Cookie: bob.cookie } }, (response) => {
      const chunks = [];
      // A sip every few milliseconds: much slower than the server could send.
      const sip = () => {
        const chunk = response.read(Math.min(response.readableLength, 262_144));
        if (chunk) chunks.push(chunk);
        if (!response.readableEnded) setTimeout(sip, 5);
      };
      response.pause();
      sip();
      response.on("end", () => done(Buffer.concat(chunks).toString()));
      response.on("error", fail);
      response.on("close", () => { if (!response.complete) fail(new Error("the answer was cut")); });
    });
  });
  stop = true;
  const history = JSON.parse(text);
  assert.ok(history.length >= total, `${history.length} messages`);
  assert.ok(written > 0);
  assert.equal(new Set(history.map(({ _id }) => _id)).size, history.length);
  for (let i = 1; i < history.length; i++) assert.ok(history[i - 1].createdAt <= history[i].createdAt);
  const grown = residentKiB(server.pid) - before;
  assert.ok(grown < 64 * 1024, `memory grew by ${grown} KiB for one slow reader`);
  await server.stop();
});

test("a client whose writes never end with a request: what it sent is not kept", async () => {
  // AddressSanitizer keeps what is freed, to see it used; here that would look like the fault.
  const server = await Server.start({ flags: ["--rate-limits", "off"], env: { ASAN_OPTIONS: "quarantine_size_mb=1:thread_local_quarantine_size_kb=16" } });
  const request = `GET /${"a".repeat(8000)}.js HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const socket = net.connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  let answers = 0;
  socket.on("data", (chunk) => { answers += chunk.toString("latin1").split("HTTP/1.1 404").length - 1; });
  const before = residentKiB(server.pid);
  socket.write(request.slice(0, 4000));
  const count = 8000;
  for (let i = 1; i <= count; i++) {
    socket.write(request.slice(4000) + request.slice(0, 4000));
    if (i % 20 === 0) await until(() => answers >= i - 20, () => `${answers} of ${i} answers`);
  }
  const grown = residentKiB(server.pid) - before;
  assert.ok(grown < (scale < 1 ? 48 : 16) * 1024, `memory grew by ${grown} KiB for ${count * 8} KiB of requests`);
  socket.destroy();
  await server.stop();
});

function openSocket(server, token) {
  return new Promise((done, fail) => {
    const socket = net.connect({ port: server.port, host: "127.0.0.1" });
    const state = { socket, text: "", closed: false };
    socket.on("error", () => { state.closed = true; });
    socket.on("close", () => { state.closed = true; });
    socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nCookie: jwt=${token}\r\n\r\n`);
    const listen = (chunk) => {
      state.text += chunk.toString("latin1");
      if (state.text.includes("\"sid\"") && !state.sent) {
        state.sent = true;
        socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30])); // the text frame "40"
      }
      if (state.text.includes("40{")) {
        socket.off("data", listen);
        done(state);
      } else if (!state.text.startsWith("HTTP/1.1 101".slice(0, state.text.length))) fail(new Error(state.text));
    };
    socket.on("data", listen);
  });
}

test("stalled readers among many who come and go: memory bounded, nobody closed because of presence", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off", "--ping-interval", "300s"] });
  const count = scaled(5_000, 300);
  const stalledCount = scaled(1_000, 60);
  const tokens = [];
  await inParallel(count, 16, async (i) => {
    const reply = await post(server, "", "/api/auth/signup", {
      fullName: "n", username: `n${i}`, password: "secret1", confirmPassword: "secret1", gender: "male",
    });
    assert.equal(reply.status, 201);
    tokens[i] = forgeToken(reply.json._id);
  });
  const sockets = [];
  await inParallel(count, 50, async (i) => {
    const state = await openSocket(server, tokens[i]);
    sockets[i] = state;
    if (i < stalledCount) state.socket.pause(); // reads nothing from here on
    else state.socket.resume();
  });
  await sleep(3000);
  const settled = residentKiB(server.pid);

  // Presence changes again and again: a hundred people leave and come back, over and over.
  for (let round = 0; round < 10; round++) {
    const leaving = sockets.slice(-20);
    for (const { socket } of leaving) socket.destroy();
    await inParallel(leaving.length, 20, async (i) => {
      const state = await openSocket(server, tokens[count - leaving.length + i]);
      sockets[count - leaving.length + i] = state;
      state.socket.resume();
    });
    await sleep(300);
  }
  const grown = residentKiB(server.pid) - settled;
  assert.ok(grown < 100 * 1024, `memory grew by ${grown} KiB`);
  const stalled = sockets.slice(0, stalledCount);
  assert.equal(stalled.filter(({ closed }) => closed).length, 0, "closed because of presence");

  // They wake up, and the last they hear is complete.
  await inParallel(Math.min(20, stalledCount), 20, async (i) => {
    const { socket } = stalled[i];
    let tail = "";
    socket.on("data", (chunk) => { tail = (tail + chunk.toString("latin1")).slice(-2 * 27 * count - 1000); });
    socket.resume();
    await until(() => {
      const list = /42\["getOnlineUsers",(\[[^\]]*\])\]$/.exec(tail)?.[1];
      return list && JSON.parse(list).length === count;
    }, "the complete list at last", 60_000);
  });
  for (const { socket } of sockets) socket.destroy();
  await server.stop();
});

test("a consumer that takes nothing is closed once its queue is full, and others are not held up", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off"] });
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  const stalled = await openSocket(server, forgeToken(bob.id));
  stalled.socket.pause();
  const live = bob.socket({ transports: ["websocket"] });
  await seesOnline(live, [bob]);
  const text = "x".repeat(90_000);
  let sent = 0;
  // The kernel's own buffers take some megabytes before the server's queue grows.
  while (!/too slow/.test(server.log) && sent < 400) {
    assert.equal((await alice.send(bob, text)).status, 201);
    sent++;
  }
  await until(() => events(live, "newMessage").length === sent, "everything at the other socket");
  assert.ok(sent < 400, "the stalled socket was closed");
  stalled.socket.resume();
  await until(() => stalled.closed, "closed");
  assert.ok(live.connected);
  live.disconnect();
  await server.stop();
});
