// Engine.IO protocol 3 (old clients), from its text, said by hand to a server that echoes every message in kind.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Fixture, reference } from "../fixtures.mjs";
import { Endpoint, brisk, calm, flags, maxPayload, sleep } from "./support.mjs";

const start = (timings) => Fixture.start({
  name: "engineio_fixture", twin: fileURLToPath(new URL("reference_engineio.mjs", import.meta.url)), flags: ["--eio3", ...flags(timings)],
});

let fixture;
let engine;
before(async () => {
  fixture = await start(calm);
  engine = new Endpoint(fixture, { protocol: 3 });
});
after(() => fixture.stop());

/** The text form of a payload: the length of each packet in UTF-16 code units, as JavaScript counts. */
const payload = (...packets) => packets.map((packet) => `${packet.length}:${packet}`).join("");

/** The binary form: 0 for text or 1 for bytes, the digits of the length in bytes, 255, the packet. */
function binaryPayload(...packets) {
  return Buffer.concat(packets.flatMap((packet) => {
    const bytes = Buffer.from(packet);
    return [Buffer.from([typeof packet === "string" ? 0 : 1, ...String(bytes.length).split("").map(Number), 255]), bytes];
  }));
}

function assertHandshake(handshake, upgrades) {
  assert.equal(typeof handshake.sid, "string");
  assert.deepEqual(handshake.upgrades, upgrades);
  assert.equal(handshake.pingInterval, calm.pingInterval);
  assert.equal(handshake.pingTimeout, calm.pingTimeout);
  assert.ok([undefined, maxPayload].includes(handshake.maxPayload), "not part of this protocol, and no harm");
}

describe("handshake", () => {
  test("polling: an open packet with its length", async () => {
    const response = await engine.request({ EIO: 3, transport: "polling" });
    assert.equal(response.status, 200);
    const text = await response.text();
    const [, length, packet] = /^(\d+):(.*)$/s.exec(text);
    assert.equal(Number(length), packet.length);
    assert.equal(packet[0], "0");
    assertHandshake(JSON.parse(packet.slice(1)), ["websocket"]);
  });

  test("WebSocket: an open packet that offers no upgrade", async () => {
    const peer = engine.websocket();
    const open = await peer.next();
    assert.equal(open[0], "0");
    assertHandshake(JSON.parse(open.slice(1)), []);
    peer.close();
  });

  test("no transport or an unknown one: 400", async () => {
    assert.equal((await engine.request({ EIO: 3 })).status, 400);
    assert.equal((await engine.request({ EIO: 3, transport: "abc" })).status, 400);
    await engine.websocket({ transport: "" }).assertRefused();
    await engine.websocket({ transport: "abc" }).assertRefused();
  });

  test("a session is opened with GET only", async () => {
    for (const method of ["POST", "PUT"]) assert.equal((await engine.request({ EIO: 3, transport: "polling" }, { method })).status, 400);
  });

  test("protocol 4 is served beside it", async () => {
    const newer = new Endpoint(fixture, { protocol: 4 });
    const session = await newer.open();
    await session.posted("4hello");
    assert.equal(await session.polled(), "4hello");
    const old = await engine.open();
    await old.posted(payload("4hello"));
    assert.equal(await old.polled(), payload("4hello"));
  });
});

describe("messages over polling", () => {
  test("one text", async () => {
    const session = await engine.open();
    await session.posted("6:4hello");
    assert.equal(await session.polled(), "6:4hello");
  });

  test("several texts in one payload", async () => {
    const session = await engine.open();
    await session.posted(payload("4one", "4two", "4three"));
    assert.equal(await session.polled(), payload("4one", "4two", "4three"));
  });

  test("lengths count UTF-16 code units: two for an emoji, one for most scripts", async () => {
    const session = await engine.open();
    assert.equal(payload("4😀"), "3:4😀");
    const texts = payload("4😀", "4€ 你好", "4مرحبا", "4", "4a:b");
    await session.posted(texts, { headers: { "content-type": "text/plain;charset=UTF-8" } });
    assert.equal(await session.polled(), texts);
  });

  test("a client without binary answers (b64=1): bytes as base64", async () => {
    const session = await engine.open({ b64: 1 });
    await session.posted("6:4hello10:b4AQIDBA==");
    assert.equal(await session.polled(), "6:4hello10:b4AQIDBA==");
  });

  test("others: a payload with bytes in it is binary", async () => {
    const session = await engine.open();
    await session.posted("6:4hello10:b4AQIDBA==");
    const response = await session.poll();
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.deepEqual(bytes, binaryPayload("4hello", Buffer.from([4, 1, 2, 3, 4])));
    assert.deepEqual([...bytes.subarray(0, 4)], [0, 6, 255, 0x34]);
  });

  test("a binary payload from the client", async () => {
    const session = await engine.open();
    const sent = binaryPayload("4h€llo 😀", Buffer.from([4, ...Array.from({ length: 256 }, (_, i) => i)]), "4end");
    await session.posted(sent, { headers: { "content-type": "application/octet-stream" } });
    assert.deepEqual(Buffer.from(await (await session.poll()).arrayBuffer()), sent);
  });

  for (const [what, body] of [["no length", "abc"], ["a length that is no number", "x:4hello"], ["a length beyond the end", "99:4hello"],
    ["a length of nothing", ":4hello"], ["an unknown type", "6:9hello"], ["a good packet, then a bad one", "6:4hello3:"]]) {
    test(`${what}: the session ends`, async () => {
      const session = await engine.open();
      await session.post(body).then((response) => response.arrayBuffer(), () => {});
      await session.assertGone();
    });
  }

  for (const [what, body] of [["no delimiter", [0, 6]], ["a length beyond the end", [0, 9, 9, 255, 0x34]], ["an unknown kind", [7, 1, 255, 0x34]],
    ["digits without end", Array(400).fill(1)], ["a digit that is none", [0, 11, 255, 0x34]]]) {
    test(`binary payload, ${what}: the server goes on`, async () => {
      const session = await engine.open();
      await session.post(Buffer.from(body), { headers: { "content-type": "application/octet-stream" } }).then((response) => response.arrayBuffer(), () => {});
      const other = await engine.open();
      await other.posted("6:4hello");
      assert.equal(await other.polled(), "6:4hello");
    });
  }
});

describe("messages over WebSocket", () => {
  test("one text", async () => {
    const peer = await engine.openWebSocket();
    assert.equal(await peer.send("4hello").next(), "4hello");
    peer.close();
  });

  test("bytes follow a byte of their type", async () => {
    const peer = await engine.openWebSocket();
    const bytes = Buffer.from([4, 1, 2, 3, 255, 0]);
    assert.deepEqual(await peer.send(bytes).next(), bytes);
    peer.close();
  });

  for (const [what, message] of [["text that is no packet", "abc"], ["an unknown type", "7"], ["a pong from the client", "3"]]) {
    test(`${what}: the connection ends`, async () => {
      const peer = await engine.openWebSocket();
      peer.send(message);
      await peer.assertClosed();
    });
  }

  test("bytes of an unknown type, or none at all: the server goes on", async () => {
    for (const bytes of [[], [9, 1], [255]]) {
      const peer = await engine.openWebSocket();
      peer.send(Buffer.from(bytes));
      await Promise.race([peer.closed, sleep(50)]);
      peer.close();
    }
    const peer = await engine.openWebSocket();
    assert.equal(await peer.send("4hello").next(), "4hello");
    peer.close();
  });
});

describe("heartbeat", { concurrency: true }, () => {
  const { pingInterval, pingTimeout } = brisk;
  let lively;
  let engine;
  before(async () => {
    lively = await start(brisk);
    engine = new Endpoint(lively, { protocol: 3 });
  });
  after(() => lively.stop());

  test("polling: the client pings, the server answers", async () => {
    const session = await engine.open();
    for (let i = 0; i < 3; i++) {
      await session.posted("1:2");
      assert.equal(await session.polled(), "1:3");
    }
  });

  test("polling: without a ping the session ends", async () => {
    const session = await engine.open();
    await sleep(pingInterval + pingTimeout + 200);
    assert.equal((await session.post("1:2")).status, 400);
  });

  test("WebSocket: the client pings, the server answers", async () => {
    const peer = await engine.openWebSocket();
    for (let i = 0; i < 3; i++) assert.equal(await peer.send("2").next(), "3");
    peer.close();
  });

  test("WebSocket: pings keep the session alive beyond interval and time-out", async () => {
    const peer = await engine.openWebSocket();
    for (let i = 0; i < 6; i++) {
      await sleep(pingInterval);
      assert.equal(await peer.send("2").next(), "3");
    }
    peer.close();
  });

  test("WebSocket: without a ping the connection ends, and the server never pings", async () => {
    const peer = await engine.openWebSocket();
    assert.deepEqual(await peer.rest(), []);
  });
});

describe("close", () => {
  test("polling: a close packet ends the waiting poll with a noop, and the session", async () => {
    const session = await engine.open();
    const poll = session.polled();
    await sleep(50);
    await session.posted("1:1");
    assert.equal(await poll, "1:6");
    await session.assertGone();
  });

  test("WebSocket: a close packet ends the connection", { skip: reference && "the official server waits for the ping time-out" }, async () => {
    const peer = await engine.openWebSocket();
    peer.send("1");
    await peer.assertClosed();
  });

  test("a second poll while one waits: a close packet for the first", async () => {
    const session = await engine.open();
    const first = session.poll();
    await sleep(50);
    assert.ok((await session.endpoint.request({ ...session.query, t: "second" })).status >= 400);
    assert.equal(await (await first).text(), "1:1");
    await session.assertGone();
  });
});

describe("upgrade", () => {
  async function probed(session) {
    const peer = engine.websocket({ sid: session.sid });
    await peer.opened;
    assert.equal(await peer.send("2probe").next(), "3probe");
    return peer;
  }

  test("probe, noop on the poll, upgrade, and messages go over WebSocket", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    assert.equal(await session.polled(), "1:6");
    peer.send("5", "4hello");
    assert.equal(await peer.next(), "4hello");
    peer.close();
  });

  test("bytes after an upgrade of a client without binary answers are base64 no more, or still: as the client reads both", async () => {
    const session = await engine.open({ b64: 1 });
    const peer = await probed(session);
    peer.send("5", Buffer.from([4, 1, 2]));
    const got = await peer.next();
    assert.ok(typeof got === "string" ? got === "b4AQI=" : got.equals(Buffer.from([4, 1, 2])), String(got));
    peer.close();
  });

  test("after it the id is no use for requests or another WebSocket, and the session goes on", async () => {
    const session = await engine.open();
    const peer = await probed(session);
    peer.send("5", "4one");
    assert.equal(await peer.next(), "4one");
    assert.equal((await session.poll()).status, 400);
    await engine.websocket({ sid: session.sid }).assertClosed();
    assert.equal(await peer.send("4two").next(), "4two");
    peer.close();
  });
});
