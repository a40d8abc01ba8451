// Bad input gets a clear answer or a clean close; the server goes on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { Person } from "../people.mjs";
import { exchange } from "../raw.mjs";
import { Server } from "../support.mjs";

let server;
let alice;
before(async () => {
  server = await Server.start({ flags: ["--rate-limits", "off", "--header-timeout", "1s", "--body-timeout", "1s"] });
  alice = await Person.signUp(server, "alice");
});
after(() => server.stop());

const host = "Host: localhost\r\n";
const smuggled = "GET /api/users HTTP/1.1\r\nHost: localhost\r\n\r\n";

// Proxies and servers that disagree about where a request ends let one person's request swallow another's.
for (const [name, bytes] of Object.entries({
  "Content-Length and Transfer-Encoding": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "Transfer-Encoding and Content-Length": `POST /api/auth/login HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
  "two lengths": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ${smuggled}`,
  "two equal lengths": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
  "a list of lengths": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 2, 2\r\n\r\n{}${smuggled}`,
  "a signed length": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: +2\r\n\r\n{}${smuggled}`,
  "a hexadecimal length": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 0x2\r\n\r\n{}${smuggled}`,
  "a length beyond 64 bits": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length: 99999999999999999999999\r\n\r\n{}`,
  "bare LF": `GET /api/users HTTP/1.1\nHost: localhost\n\n${smuggled}`,
  "one bare LF": `GET /api/users HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n${smuggled}`,
  "obsolete folding": `GET /api/users HTTP/1.1\r\n${host}X-A: b\r\n c\r\n\r\n${smuggled}`,
  "space before the colon": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Length : 2\r\n\r\n{}${smuggled}`,
  "space before the first field": `GET /api/users HTTP/1.1\r\n ${host}\r\n${smuggled}`,
  "no Host": `GET /api/users HTTP/1.1\r\n\r\n${smuggled}`,
  "two Hosts": `GET /api/users HTTP/1.1\r\n${host}Host: other\r\n\r\n${smuggled}`,
  "NUL in a field": `GET /api/users HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n${smuggled}`,
  "CR in a field": `GET /api/users HTTP/1.1\r\n${host}X-A: a\rb\r\n\r\n${smuggled}`,
  "a field without a name": `GET /api/users HTTP/1.1\r\n${host}: b\r\n\r\n${smuggled}`,
  "chunked twice": `POST /api/auth/login HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunked in HTTP/1.0": `POST /api/auth/login HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "a broken chunk size": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${smuggled}`,
  "a chunk size with a sign": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n${smuggled}`,
  "a huge chunk size": `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
  "garbage": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
  "no version": `GET /api/users\r\n${host}\r\n`,
})) {
  test(`refused and closed: ${name}`, async () => {
    const { statuses, closed, text } = await exchange(server, Buffer.from(bytes, "latin1"));
    assert.equal(statuses.length, 1, text);
    assert.ok([400, 413, 501, 505].includes(statuses[0]), text);
    assert.ok(closed, "the connection is closed, so nothing behind it is read");
    assert.match(text, /\{"error":"[^"]+"\}|\{"error":"/);
  });
}

test("a header that is too long: 431", async () => {
  const { statuses, closed } = await exchange(server, `GET / HTTP/1.1\r\n${host}X-A: ${"a".repeat(17_000)}\r\n\r\n`);
  assert.deepEqual([statuses, closed], [[431], true]);
});

test("a body that is too long: 413, announced or not", async () => {
  const announced = await exchange(server, `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 200000\r\n\r\n{`);
  assert.deepEqual([announced.statuses, announced.closed], [[413], true]);
  const chunk = `8000\r\n${" ".repeat(0x8000)}\r\n`;
  const chunked = await exchange(server, `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`);
  assert.deepEqual([chunked.statuses, chunked.closed], [[413], true]);
});

test("slow senders: 408 by total deadlines", async () => {
  const head = await exchange(server, `GET / HTTP/1.1\r\n${host}`, 5000);
  assert.deepEqual([head.statuses, head.closed], [[408], true]);
  const body = await exchange(server, `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`, 5000);
  assert.deepEqual([body.statuses, body.closed], [[408], true]);
});

test("pipelined requests are answered in order, also more than may wait", async () => {
  const paths = Array.from({ length: 40 }, (_, i) => i % 2 ? "/api/users" : "/health/live");
  const { statuses } = await exchange(server, paths.map((path, i) =>
    `GET ${path} HTTP/1.1\r\n${host}${i === 39 ? "Connection: close\r\n" : ""}\r\n`).join(""));
  assert.deepEqual(statuses, paths.map((path) => path === "/api/users" ? 401 : 200));
});

test("Expect: 100-continue", async () => {
  const { text } = await exchange(server, `POST /api/auth/login HTTP/1.1\r\n${host}Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n`, 3000, "{}");
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 400/);
});

test("an empty line after a request begins no request, nor its deadline", async () => {
  const { statuses, closed } = await exchange(server, `GET /health/live HTTP/1.1\r\n${host}\r\n\r\n`, 2500, "\r\n");
  assert.deepEqual([statuses, closed], [[200], false]);
});

test("attachments are not collected for a session that is in no namespace", async () => {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, { headers: { Cookie: alice.cookie } });
  await new Promise((done) => socket.once("message", done));
  const closed = new Promise((done) => socket.on("close", done));
  socket.send("451-[\"x\",{\"_placeholder\":true,\"num\":0}]");
  await closed;
});

test("JSON that is none, in every way", async () => {
  const bodies = ["{", "", "[1]", "\"text\"", "{\"a\":1,}", "{\"username\":\"a\",\"username\":\"b\",\"password\":\"c\"}", `${"[".repeat(40)}${"]".repeat(40)}`,
    `{"username":${"[".repeat(40)}${"]".repeat(40)}}`, "{\"username\":\"\\ud800\"}", "nul"];
  for (const body of bodies) {
    const reply = await fetch(`${server.url}/api/auth/login`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    assert.equal(reply.status, 400, body);
    assert.equal(typeof (await reply.json()).error, "string");
  }
  const invalid = await fetch(`${server.url}/api/auth/login`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
  });
  assert.equal(invalid.status, 400);
});

test("ids that are not ids", async () => {
  for (const id of ["x", "0", "__proto__", "1234567890123456789012345", "g".repeat(24), "%00", "%ff", "..", "a/b"]) {
    const reply = await alice.request("GET", `/api/messages/${id}`);
    assert.ok([400, 404].includes(reply.status), `${id}: ${reply.status}`);
    assert.equal(typeof reply.json?.error, "string", id);
  }
});

async function session(cookie = alice.cookie) {
  const reply = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { Cookie: cookie } });
  const { sid } = JSON.parse((await reply.text()).slice(1));
  const url = `${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
  const post = (body) => fetch(url, { method: "POST", body, headers: { "Content-Type": "text/plain" } });
  return { sid, url, post, poll: () => fetch(url) };
}

for (const packet of ["x", "9", "4", "49", "42", "42[", "42{}", "42[]", "42[1]", "42[null]", "42\"a\"", "4\x00", "40[]", "40{", "40{\"a\":1}x", "45", "451-", "451-[\"a\"]",
  "4999999-[\"a\",{\"_placeholder\":true,\"num\":0}]", "42/", "42/nowhere,[\"a\"]", "43", "43[]", "43x[]", `42${"9".repeat(40)}["a"]`, "b!!!", "bAAAA", "5", "2probe", "6", "0{}",
  `42["a",${"[".repeat(100)}${"]".repeat(100)}]`, "42[\"connect\"]", "42[\"disconnect\"]", "44{\"message\":\"x\"}"]) {
  test(`a malformed packet harms nobody else: ${JSON.stringify(packet).slice(0, 60)}`, async () => {
    const { post } = await session();
    assert.equal((await post("40")).status, 200);
    const reply = await post(packet);
    assert.ok([200, 400].includes(reply.status), String(reply.status));
    assert.equal((await fetch(`${server.url}/health/live`)).status, 200);
  });
}

test("a second concurrent poll ends the session", async () => {
  const { poll, post, url } = await session(""); // nobody is told nothing, so that a poll waits
  await post("40");
  await poll(); // the open socket's answer
  const abort = new AbortController();
  const first = fetch(url, { signal: abort.signal }).then(async (reply) => [reply.status, await reply.text()], () => ["aborted"]);
  await new Promise((done) => setTimeout(done, 200));
  const second = await poll();
  assert.equal(second.status, 400);
  assert.equal((await poll()).status, 400);
  abort.abort();
  await first;
});

test("unknown sid, and sids of every shape", async () => {
  for (const sid of ["", "x", "A".repeat(24), "A".repeat(10_000), "%00", "../..", "____________________"]) {
    const reply = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`);
    assert.ok([200, 400].includes(reply.status), sid);
    if (sid) assert.equal((await reply.json()).code, 1);
  }
});
