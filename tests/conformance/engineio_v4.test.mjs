// Engine.IO protocol 4, from its text, said by hand to a server that echoes every message in kind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Fixture, reference } from "../fixtures.mjs";
import { Endpoint, brisk, calm, dial, flags, maxPayload, separator, sleep } from "./support.mjs";

const start = (...given) => Fixture.start({ name: "engineio_fixture", twin: fileURLToPath(new URL("reference_engineio.mjs", import.meta.url)), flags: ["--no-eio3", ...given] });

let fixture;
let engine;
before(async () => {
  fixture = await start(...flags(calm));
  engine = new Endpoint(fixture);
});
after(() => fixture.stop());

function assertHandshake(handshake, upgrades, { pingInterval, pingTimeout } = calm) {
  assert.deepEqual(Object.keys(handshake).sort(), ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
  assert.equal(typeof handshake.sid, "string");
  assert.ok(handshake.sid.length >= 16, "an id that cannot be guessed");
  assert.deepEqual({ ...handshake, sid: "" }, { sid: "", upgrades, pingInterval, pingTimeout, maxPayload });
}

async function assertRefused(response, code) {
  assert.equal(response.status, 400);
  const body = await response.json();
  assert.equal(body.code, code);
  assert.equal(typeof body.message, "string");
}

describe("handshake over polling", () => {
  test("an open packet as plain text in UTF-8", async () => {
    const response = await engine.request({ EIO: 4, transport: "polling" });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^text\/plain; *charset=utf-8$/i);
    const text = await response.text();
    assert.equal(text[0], "0");
    assertHandshake(JSON.parse(text.slice(1)), ["websocket"]);
  });

  test("the fixture's own timings are those that the official suites count on", async () => {
    const suited = await start();
    assertHandshake((await new Endpoint(suited).open()).handshake, ["websocket"], { pingInterval: 300, pingTimeout: 200 });
    await suited.stop();
  });

  test("every session has an id of its own", async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => engine.open()));
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 20);
  });

  test("no protocol version, an unknown one or an older one that is not allowed: 400, code 5", async () => {
    await assertRefused(await engine.request({ transport: "polling" }), 5);
    for (const EIO of ["abc", "5", "3", "", "04"]) await assertRefused(await engine.request({ EIO, transport: "polling" }), 5);
  });

  test("no transport or an unknown one: 400, code 0", async () => {
    await assertRefused(await engine.request({ EIO: 4 }), 0);
    for (const transport of ["abc", "constructor", "__proto__", ""]) await assertRefused(await engine.request({ EIO: 4, transport }), 0);
  });

  test("an id that nobody has: 400, code 1", async () => {
    for (const sid of ["abc", "constructor", "x".repeat(2000)]) await assertRefused(await engine.request({ EIO: 4, transport: "polling", sid }), 1);
  });

  test("a session is opened with GET only: 400, code 2", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) await assertRefused(await engine.request({ EIO: 4, transport: "polling" }, { method }), 2);
  });

  test("transport=websocket without an upgrade: 400, code 3", async () => {
    await assertRefused(await engine.request({ EIO: 4, transport: "websocket" }), 3);
  });

  test("parameters that nobody knows, such as a time against caches, do not matter", async () => {
    assertHandshake((await engine.open({ t: "PXAKz9f", x: "a&b=c" })).handshake, ["websocket"]);
  });

  test("other origins are told that they may read", async () => {
    const response = await engine.request({ EIO: 4, transport: "polling" }, { headers: { origin: "http://elsewhere.example" } });
    assert.ok(["*", "http://elsewhere.example"].includes(response.headers.get("access-control-allow-origin")));
    const preflight = await engine.request({ EIO: 4, transport: "polling" }, {
      method: "OPTIONS", headers: { origin: "http://elsewhere.example", "access-control-request-method": "POST" },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods"), /POST/);
  });
});

describe("handshake over WebSocket", () => {
  test("an open packet that offers no upgrade", async () => {
    const peer = engine.websocket();
    const open = await peer.next();
    assert.equal(open[0], "0");
    assertHandshake(JSON.parse(open.slice(1)), []);
    peer.close();
  });

  for (const [what, query] of [
    ["no protocol version", { EIO: "" }], ["an unknown protocol version", { EIO: "abc" }], ["a version that is not allowed", { EIO: "3" }],
    ["no transport", { transport: "" }], ["an unknown transport", { transport: "abc" }], ["an unknown id", { sid: "abc" }],
  ]) {
    test(`${what}: no WebSocket`, async () => {
      const peer = engine.websocket(query);
      await peer.assertRefused();
      peer.close();
    });
  }
});

describe("messages over polling", () => {
  test("one text", async () => {
    const session = await engine.open();
    await session.posted("4hello");
    assert.equal(await session.polled(), "4hello");
  });

  test("several texts in one payload come back in one payload", async () => {
    const session = await engine.open();
    await session.posted(["4one", "4two", "4three"].join(separator));
    assert.equal(await session.polled(), ["4one", "4two", "4three"].join(separator));
  });

  test("text and bytes in one payload: bytes as base64", async () => {
    const session = await engine.open();
    await session.posted(["4hello", "bAQIDBA=="].join(separator));
    assert.equal(await session.polled(), ["4hello", "bAQIDBA=="].join(separator));
  });

  test("bytes of every value, of every remainder of the base64 alphabet's groups", async () => {
    const session = await engine.open();
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const payload = [every, every.subarray(0, 1), every.subarray(0, 2), every.subarray(253)].map((bytes) => `b${bytes.toString("base64")}`).join(separator);
    await session.posted(payload);
    assert.equal(await session.polled(), payload);
  });

  test("texts of any script, with NUL, and empty ones", async () => {
    const session = await engine.open();
    const payload = ["4€ 你好 😀 مرحبا", "4a\0b", "4", "4 "].join(separator);
    await session.posted(payload);
    assert.equal(await session.polled(), payload);
  });

  test("a poll that waits is answered by what comes", async () => {
    const session = await engine.open();
    const poll = session.polled();
    await session.posted("4now");
    assert.equal(await poll, "4now");
  });

  test("many posts, one after another: nothing lost, nothing out of order", async () => {
    const session = await engine.open();
    const texts = Array.from({ length: 50 }, (_, i) => `4${i}`);
    const got = [];
    const polling = (async () => {
      while (got.length < texts.length) got.push(...(await session.polled()).split(separator));
    })();
    for (const text of texts) await session.posted(text);
    await polling;
    assert.deepEqual(got, texts);
  });

  for (const [what, body] of [["text that is no packet", "abc"], ["an unknown packet type", "94hello"], ["a good packet, then a bad one", `4good${separator}x`],
    ["a payload that is only a separator", separator]]) {
    test(`${what}: the session ends`, async () => {
      const session = await engine.open();
      await session.post(body).then((response) => response.arrayBuffer(), () => {});
      await session.assertGone();
    });
  }

  test("a second poll while one waits ends the session: the first gets a close packet, the second an error", async () => {
    const session = await engine.open();
    const first = session.poll();
    await sleep(50);
    const second = await session.endpoint.request({ ...session.query, t: "second" });
    assert.ok([400, 500].includes(second.status));
    assert.equal((await first).status, 200);
    assert.equal(await (await first).text(), "1");
    await session.assertGone();
  });

  test("a poll that the client breaks off ends the session", async () => {
    const session = await engine.open();
    const line = await dial(fixture);
    line.socket.write(`GET ${engine.path}?${new URLSearchParams(session.query)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await sleep(50);
    line.socket.destroy();
    await sleep(50);
    await session.assertGone();
  });

  test("a POST that breaks off in its body ends no other session", async () => {
    const [broken, other] = [await engine.open(), await engine.open()];
    const line = await dial(fixture);
    line.socket.write(`POST ${engine.path}?${new URLSearchParams(broken.query)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n4hel`);
    await sleep(50);
    line.socket.destroy();
    await other.posted("4fine");
    assert.equal(await other.polled(), "4fine");
  });

  test("bytes of a type that the protocol does not know are refused", async () => {
    const session = await engine.open();
    const response = await session.post(Buffer.from("4hello"), { headers: { "content-type": "application/octet-stream" } });
    assert.equal(response.status, 400);
  });

  test("a body larger than maxPayload: 413; as large as it: accepted", async () => {
    const session = await engine.open();
    await session.posted(`4${"x".repeat(maxPayload - 1)}`);
    const other = await engine.open();
    const status = await other.post(`4${"x".repeat(maxPayload)}`).then((response) => response.status, () => 413);
    assert.equal(status, 413);
  });

  test("other methods on an open session are errors", async () => {
    const session = await engine.open();
    const response = await engine.request(session.query, { method: "PUT" });
    assert.ok(response.status >= 400);
  });
});

describe("messages over WebSocket", () => {
  test("one text", async () => {
    const peer = await engine.openWebSocket();
    assert.equal(await peer.send("4hello").next(), "4hello");
    peer.close();
  });

  test("bytes travel as they are", async () => {
    const peer = await engine.openWebSocket();
    const bytes = Buffer.from([0, 1, 2, 4, 255, 0x34]);
    assert.deepEqual(await peer.send(bytes).next(), bytes);
    peer.close();
  });

  test("text and bytes keep their order", async () => {
    const peer = await engine.openWebSocket();
    peer.send("4one", Buffer.from([1]), "4two", Buffer.from([2]), "4");
    assert.deepEqual([await peer.next(), await peer.next(), await peer.next(), await peer.next(), await peer.next()],
      ["4one", Buffer.from([1]), "4two", Buffer.from([2]), "4"]);
    peer.close();
  });

  test("a separator in a text is text", async () => {
    const peer = await engine.openWebSocket();
    const text = `4a${separator}4b`;
    assert.equal(await peer.send(text).next(), text);
    peer.close();
  });

  test("a message of maxPayload is echoed, a larger one ends the connection", async () => {
    const peer = await engine.openWebSocket({}, { heartbeat: true });
    const most = `4${"x".repeat(maxPayload - 1)}`;
    assert.equal((await peer.send(most).next()).length, most.length);
    peer.send(`${most}y`);
    assert.ok([1006, 1009].includes(await peer.assertClosed()));
  });

  for (const [what, message] of [["text that is no packet", "abc"], ["an unknown type", "7"], ["an empty text", ""], ["a ping from the client", "2"]]) {
    test(`${what}: the connection ends`, async () => {
      const peer = await engine.openWebSocket();
      peer.send(message);
      await peer.assertClosed();
    });
  }
});

describe("heartbeat", { concurrency: true }, () => {
  const { pingInterval, pingTimeout } = brisk;
  let lively;
  let engine;
  before(async () => {
    lively = await start(...flags(brisk));
    engine = new Endpoint(lively);
  });
  after(() => lively.stop());

  test("polling: the server pings, again and again", async () => {
    const session = await engine.open();
    for (let i = 0; i < 3; i++) {
      assert.equal(await session.polled(), "2");
      await session.posted("3");
    }
  });

  test("polling: without a pong the session ends", async () => {
    const session = await engine.open();
    await sleep(pingInterval + pingTimeout + 200);
    await session.assertGone();
  });

  test("polling: a session that polls but never answers the ping ends, too", async () => {
    const session = await engine.open();
    assert.equal(await session.polled(), "2");
    await sleep(pingTimeout + 200);
    await session.assertGone();
  });

  test("WebSocket: the server pings, again and again, at its interval", async () => {
    const peer = await engine.openWebSocket();
    let last = performance.now();
    for (let i = 0; i < 3; i++) {
      assert.equal(await peer.next(), "2");
      const now = performance.now();
      assert.ok(now - last > pingInterval * 0.7, `a ping after ${now - last} ms`);
      last = now;
      peer.send("3");
    }
    peer.close();
  });

  test("they go on over the WebSocket after an upgrade", async () => {
    const session = await engine.open();
    const peer = engine.websocket({ sid: session.sid });
    await peer.opened;
    assert.equal(await peer.send("2probe").next(), "3probe");
    peer.send("5");
    for (let i = 0; i < 2; i++) {
      let message = await peer.next();
      if (message === "6") message = await peer.next();
      assert.equal(message, "2");
      peer.send("3");
    }
    peer.close();
  });

  test("WebSocket: without a pong the connection ends", async () => {
    const peer = await engine.openWebSocket();
    const rest = await peer.rest();
    assert.equal(rest[0], "2");
  });
});

describe("close", () => {
  test("polling: a close packet ends the waiting poll with a noop, and the session", async () => {
    const session = await engine.open();
    const poll = session.polled();
    await sleep(50);
    await session.posted("1");
    assert.equal(await poll, "6");
    await session.assertGone();
  });

  test("polling: a close packet without a poll ends the session", async () => {
    const session = await engine.open();
    await session.posted("1");
    await session.assertGone();
  });

  test("WebSocket: a close packet ends the connection", { skip: reference && "the official server waits for the ping time-out" }, async () => {
    const peer = await engine.openWebSocket();
    peer.send("1");
    await peer.assertClosed();
  });

  test("WebSocket: nothing of the session is left after the connection broke", async () => {
    const peer = await engine.openWebSocket();
    const { sid } = peer.handshake;
    peer.close();
    await sleep(50);
    assert.equal((await engine.request({ EIO: 4, transport: "polling", sid })).status, 400);
  });
});

describe("upgrade", () => {
  async function probed(session) {
    const peer = engine.websocket({ sid: session.sid }, { heartbeat: true });
    await peer.opened;
    assert.equal(await peer.send("2probe").next(), "3probe");
    return peer;
  }

  test("probe, noop on the poll, upgrade, and messages go over WebSocket", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    assert.equal(await session.polled(), "6");
    peer.send("5", "4hello");
    assert.equal(await peer.next(), "4hello");
    peer.close();
  });

  test("a poll that waited before the probe is ended with a noop", async () => {
    const session = await engine.open();
    const poll = session.polled();
    await sleep(50);
    const peer = await probed(session);
    assert.equal(await poll, "6");
    peer.send("5", "4hello");
    assert.equal(await peer.next(), "4hello");
    peer.close();
  });

  test("what was posted and not yet polled arrives over WebSocket, first", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    await session.posted(`4one${separator}bAQI=`);
    peer.send("5", "4two");
    assert.equal(await peer.next(), "4one");
    assert.deepEqual(await peer.next(), Buffer.from([1, 2]));
    assert.equal(await peer.next(), "4two");
    peer.close();
  });

  test("after it the id is no use for requests, and the session goes on", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    peer.send("5", "4one");
    assert.equal(await peer.next(), "4one");
    assert.equal((await session.poll()).status, 400);
    assert.equal(await peer.send("4two").next(), "4two");
    peer.close();
  });

  test("after it the id is no use for another WebSocket, and the session goes on", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    peer.send("5", "4one");
    assert.equal(await peer.next(), "4one");
    const second = engine.websocket({ sid: session.sid });
    await second.assertClosed();
    assert.equal(await peer.send("4two").next(), "4two");
    peer.close();
  });

  test("a second WebSocket while one is probing is closed, and the first may upgrade", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    const second = engine.websocket({ sid: session.sid });
    await second.assertClosed();
    peer.send("5", "4hello");
    assert.equal(await peer.next(), "4hello");
    peer.close();
  });

  for (const [what, message] of [["another packet", "4early"], ["another ping", "2other"], ["garbage", "abc"]]) {
    test(`${what} instead of the probe: the WebSocket ends, polling goes on`, async () => {
      const session = await engine.open();
      const peer = engine.websocket({ sid: session.sid });
      await peer.opened;
      peer.send(message);
      await peer.assertClosed();
      await session.posted("4still here");
      assert.equal(await session.polled(), "4still here");
    });
  }

  test("a WebSocket that breaks after its probe leaves the session on polling", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    peer.close();
    await sleep(50);
    await session.posted("4still here");
    let text = await session.polled();
    if (text === "6") text = await session.polled();
    assert.equal(text, "4still here");
  });
});
