// Socket.IO protocol 5, from its text, said by hand over Engine.IO 4 to the fixture of README.md.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Fixture, reference } from "../fixtures.mjs";
import { Endpoint, brisk, calm, flags, maxPayload, separator, sleep } from "./support.mjs";

const start = (...given) => Fixture.start({ name: "socketio_fixture", twin: fileURLToPath(new URL("reference_socketio.mjs", import.meta.url)), flags: given });
const endpoint = (of) => new Endpoint(of, { path: "/socket.io/" });

let fixture;
let engine;
before(async () => {
  fixture = await start(...flags(calm));
  engine = endpoint(fixture);
});
after(() => fixture.stop());

const opened = () => engine.openWebSocket({}, { heartbeat: true });

/** A peer that is connected to the main namespace. */
async function connected() {
  const peer = await opened();
  peer.connect = JSON.parse((await peer.send("40").next("CONNECT")).slice(2));
  assert.equal(await peer.next("the event `auth`"), '42["auth",{}]');
  return peer;
}

async function assertServes(peer) {
  assert.equal(await peer.send('42["message","still here"]').next(), '42["message-back","still here"]');
  peer.close();
}

/** What `connected` got, sent to it, must end the connection. */
async function assertEnds(...messages) {
  const peer = await connected();
  peer.send(...messages);
  await peer.assertClosed(`an end after ${messages[0]}`);
}

describe("the transport underneath", () => {
  test("polling: handshake, CONNECT, event, all in their packets", async () => {
    const session = await engine.open();
    assert.deepEqual({ ...session.handshake, sid: "" }, { sid: "", upgrades: ["websocket"], ...calm, maxPayload });
    await session.posted("40");
    let text = await session.polled();
    if (!text.includes(separator)) text += separator + await session.polled();
    const [connect, auth] = text.split(separator);
    assert.match(connect, /^40\{"sid":"[^"]+"\}$/);
    assert.equal(auth, '42["auth",{}]');
    await session.posted('42["message","hello"]');
    assert.equal(await session.polled(), '42["message-back","hello"]');
  });

  test("polling: attachments are base64 in the payload", async () => {
    const session = await engine.open();
    await session.posted("40");
    while (!(await session.polled()).includes("auth"));
    const packets = ['451-["message",{"_placeholder":true,"num":0}]', "bAQIDBA=="].join(separator);
    await session.posted(packets);
    assert.equal(await session.polled(), packets.replace("message", "message-back"));
  });

  test("wrong protocol, transport or method: 400", async () => {
    for (const query of [{ transport: "polling" }, { EIO: "abc", transport: "polling" }, { EIO: 4 }, { EIO: 4, transport: "abc" }]) {
      assert.equal((await engine.request(query)).status, 400);
    }
    for (const method of ["POST", "PUT"]) assert.equal((await engine.request({ EIO: 4, transport: "polling" }, { method })).status, 400);
    await engine.websocket({ EIO: "" }).assertRefused();
    await engine.websocket({ transport: "abc" }).assertRefused();
  });

  test("close packets end the session, over polling and WebSocket", async () => {
    const session = await engine.open();
    const poll = session.polled();
    await sleep(50);
    await session.posted("1");
    assert.equal(await poll, "6");
    await session.assertGone();
    if (reference) return; // over WebSocket the official server waits for the ping time-out
    const peer = await engine.openWebSocket();
    peer.send("1");
    await peer.assertClosed();
  });

  test("the upgrade packet right behind the probe: a poll that follows finds the session gone to the WebSocket", async () => {
    for (let i = 0; i < 10; i++) {
      const session = await engine.open();
      const peer = engine.websocket({ sid: session.sid });
      await peer.opened;
      peer.send("2probe", "5");
      assert.equal((await session.poll()).status, 400);
      assert.equal(await peer.next(), "3probe");
      peer.close();
    }
  });

  test("an upgrade keeps the sockets; the id then serves neither requests nor WebSockets", async () => {
    const session = await engine.open();
    await session.posted("40");
    while (!(await session.polled()).includes("auth"));
    const peer = engine.websocket({ sid: session.sid }, { heartbeat: true });
    await peer.opened;
    assert.equal(await peer.send("2probe").next(), "3probe");
    peer.send("5", '42["message",1]');
    assert.equal(await peer.next(), '42["message-back",1]');
    assert.equal((await session.poll()).status, 400);
    await engine.websocket({ sid: session.sid }).assertClosed();
    await assertServes(peer);
  });
});

describe("CONNECT", { concurrency: true }, () => {
  test("main namespace", async () => {
    const peer = await opened();
    const answer = await peer.send("40").next();
    assert.equal(answer.slice(0, 2), "40");
    const payload = JSON.parse(answer.slice(2));
    assert.deepEqual(Object.keys(payload), ["sid"]);
    assert.ok(payload.sid.length >= 16);
    assert.notEqual(payload.sid, peer.handshake.sid, "the id of a socket gives nobody the session");
    assert.equal(await peer.next(), '42["auth",{}]');
    peer.close();
  });

  test("main namespace with auth", async () => {
    const peer = await opened();
    assert.match(await peer.send('40{"token":"123"}').next(), /^40\{"sid":"[^"]+"\}$/);
    assert.equal(await peer.next(), '42["auth",{"token":"123"}]');
    peer.close();
  });

  test("another namespace, with the comma and without", async () => {
    for (const packet of ["40/custom,", "40/custom"]) {
      const peer = await opened();
      assert.match(await peer.send(packet).next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
      assert.equal(await peer.next(), '42/custom,["auth",{}]');
      peer.close();
    }
  });

  test("another namespace with auth", async () => {
    const peer = await opened();
    assert.match(await peer.send('40/custom,{"token":"abc","nested":{"a":[1,null,true]}}').next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    assert.equal(await peer.next(), '42/custom,["auth",{"token":"abc","nested":{"a":[1,null,true]}}]');
    peer.close();
  });

  test("two namespaces on one connection have sockets of their own", async () => {
    const peer = await connected();
    const other = JSON.parse((await peer.send("40/custom,").next()).slice("40/custom,".length));
    assert.notEqual(other.sid, peer.connect.sid);
    assert.equal(await peer.next(), '42/custom,["auth",{}]');
    peer.send('42/custom,["message","there"]', '42["message","here"]');
    assert.equal(await peer.next(), '42/custom,["message-back","there"]');
    assert.equal(await peer.next(), '42["message-back","here"]');
    peer.close();
  });

  test("a namespace that is not there: CONNECT_ERROR, and the connection goes on", async () => {
    for (const name of ["/random", "/customs", "/constructor", "/__proto__"]) {
      const peer = await connected();
      assert.equal(await peer.send(`40${name}`).next(), `44${name},{"message":"Invalid namespace"}`);
      await assertServes(peer);
    }
  });

  test("a namespace refused first may be followed by one that exists", async () => {
    const peer = await opened();
    assert.equal(await peer.send("40/random,").next(), '44/random,{"message":"Invalid namespace"}');
    assert.match(await peer.send("40").next(), /^40\{/);
    peer.close();
  });

  for (const [what, message] of [["an event", '42["message",1]'], ["an acknowledgement", "431[]"], ["a DISCONNECT", "41"], ["no packet of Socket.IO", "4abc"]]) {
    test(`${what} before any CONNECT ends the connection`, async () => {
      const peer = await opened();
      await peer.send(message).assertClosed();
    });
  }

  for (const payload of ['"text"', "[1]", "true", "{", '{"a":', "null x"]) {
    test(`auth ${payload} is no object: the connection ends`, async () => {
      const peer = await opened();
      await peer.send(`40${payload}`).assertClosed();
    });
  }
});

describe("DISCONNECT", { concurrency: true }, () => {
  test("of another namespace: the main one goes on", async () => {
    const peer = await connected();
    await peer.send("40/custom").next();
    assert.equal(await peer.next(), '42/custom,["auth",{}]');
    peer.send("41/custom", '42["message","message to main namespace"]');
    assert.equal(await peer.next(), '42["message-back","message to main namespace"]');
    peer.close();
  });

  test("CONNECT again after it gives a new socket", async () => {
    const peer = await connected();
    await peer.send("40/custom,").next();
    await peer.next();
    peer.send("41/custom,");
    if (reference) await sleep(50); // the official server serves a DISCONNECT a tick later, and closes on a CONNECT before that
    peer.send("40/custom,");
    assert.match(await peer.next(), /^40\/custom,\{"sid":"[^"]+"\}$/);
    assert.equal(await peer.next(), '42/custom,["auth",{}]');
    await assertServes(peer);
  });
});

describe("EVENT and ACK", { concurrency: true }, () => {
  test("arguments of every kind of JSON", async () => {
    const peer = await connected();
    assert.equal(await peer.send('42["message",1,"2",{"3":[true]}]').next(), '42["message-back",1,"2",{"3":[true]}]');
    for (const said of ["null", '"",[],{}', "-1.5,1e+21,9007199254740991,-0.25", '"€ 你好 😀 مرحبا"', '"\\u0000\\n\\"\\\\"', "[[[[[[]]]]]]", '{"a":{"b":[{"c":null}]}}']) {
      assert.equal(await peer.send(`42["message",${said}]`).next(), `42["message-back",${said}]`);
    }
    peer.close();
  });

  test("no arguments", async () => {
    const peer = await connected();
    assert.equal(await peer.send('42["message"]').next(), '42["message-back"]');
    peer.close();
  });

  test("an event that nobody handles is nothing", async () => {
    const peer = await connected();
    peer.send('42["nobody",1]', '427["nobody",2]');
    await assertServes(peer);
  });

  test("keys that mean something to JavaScript are keys", async () => {
    const peer = await connected();
    assert.equal(await peer.send('42["message",{"constructor":1,"toString":null}]').next(), '42["message-back",{"constructor":1,"toString":null}]');
    peer.close();
  });

  test("an acknowledgement carries the id it was asked with", async () => {
    const peer = await connected();
    assert.equal(await peer.send('42456["message-with-ack",1,"2",{"3":[false]}]').next(), '43456[1,"2",{"3":[false]}]');
    assert.equal(await peer.send('420["message-with-ack"]').next(), "430[]");
    assert.equal(await peer.send('429007199254740991["message-with-ack",1]').next(), "439007199254740991[1]");
    peer.close();
  });

  test("an acknowledgement in another namespace", async () => {
    const peer = await connected();
    await peer.send("40/custom,").next();
    await peer.next();
    assert.equal(await peer.send('42/custom,12["message-with-ack","x"]').next(), '43/custom,12["x"]');
    peer.close();
  });

  test("an acknowledgement that the server did not ask for is nothing", async () => {
    const peer = await connected();
    peer.send("43999[1]");
    await assertServes(peer);
  });

  test("many events keep their order", async () => {
    const peer = await connected();
    for (let i = 0; i < 500; i++) peer.send(`42["message",${i}]`);
    for (let i = 0; i < 500; i++) assert.equal(await peer.next(), `42["message-back",${i}]`);
    peer.close();
  });
});

describe("attachments", { concurrency: true }, () => {
  const two = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  const [first, second] = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];

  test("an event with two", async () => {
    const peer = await connected();
    peer.send(`452-["message",${two}]`, first, second);
    assert.deepEqual([await peer.next(), await peer.next(), await peer.next()], [`452-["message-back",${two}]`, first, second]);
    peer.close();
  });

  test("an acknowledgement with two", async () => {
    const peer = await connected();
    peer.send(`452-789["message-with-ack",${two}]`, first, second);
    assert.deepEqual([await peer.next(), await peer.next(), await peer.next()], [`462-789[${two}]`, first, second]);
    peer.close();
  });

  test("deep in objects and arrays, in another namespace, one of them empty", async () => {
    const peer = await connected();
    await peer.send("40/custom,").next();
    await peer.next();
    const said = '{"a":[1,{"_placeholder":true,"num":0}],"b":{"c":{"_placeholder":true,"num":1}}}';
    peer.send(`452-/custom,["message",${said}]`, Buffer.alloc(0), second);
    assert.deepEqual([await peer.next(), await peer.next(), await peer.next()], [`452-/custom,["message-back",${said}]`, Buffer.alloc(0), second]);
    peer.close();
  });

  test("a large one", async () => {
    const peer = await connected();
    const large = Buffer.alloc(900_000, 7);
    peer.send('451-["message",{"_placeholder":true,"num":0}]', large);
    assert.equal(await peer.next(), '451-["message-back",{"_placeholder":true,"num":0}]');
    assert.ok(large.equals(await peer.next()));
    peer.close();
  });

  test("bytes that nobody announced end the connection", () => assertEnds(Buffer.from([1])));
  test("text where bytes were announced ends the connection", () => assertEnds('451-["message",{"_placeholder":true,"num":0}]', '42["message",1]'));
  test("a count that is none ends the connection", async () => {
    for (const packet of ['45-["message"]', '45x-["message"]', '451["message"]', '45-1-["message"]', '451.5-["message",{"_placeholder":true,"num":0}]']) await assertEnds(packet);
  });
  test("a placeholder that points nowhere ends the connection", async () => {
    for (const num of ["1", "-1", '"0"', "9999999"]) await assertEnds(`451-["message",{"_placeholder":true,"num":${num}}]`, first);
  });
  test("more than anybody means ends the connection", () => assertEnds('451000000000-["message"]'));
});

describe("packets that are none end the connection", { concurrency: true }, () => {
  for (const [what, packet, skip = false] of [
    ["an unknown type", "4abc"], ["type 7", "47"], ["a payload that is an object", "42{}"], ["an acknowledgement id that is none", '42abc["message-with-ack",1]'],
    ["no payload", "42", reference && "the official server lets it pass"], ["an empty array", "42[]"], ["an event without a name", "42[null]"], ["a name that is an object", '42[{"a":1}]'], ["JSON that breaks off", '42["message",'],
    ["JSON and something behind it", '42["message"]x'], ["single quotes", "42['message']"], ["a raw control character", '42["mess\nage"]'],
    ["an acknowledgement with an object", "431{}"], ["a DISCONNECT with a payload", '41{"a":1}'], ["names kept for the library: connect", '42["connect"]'],
    ["names kept for the library: disconnect", '42["disconnect"]'], ["names kept for the library: connect_error", '42["connect_error"]'],
    ["names kept for the library: disconnecting", '42["disconnecting"]'], ["names kept for the library: newListener", '42["newListener"]'],
  ]) test(what, { skip }, () => assertEnds(packet));

  test("JSON of a depth that nobody means: the connection may end, the server goes on", { skip: reference && "the official server ends itself" }, async () => {
    const peer = await connected();
    peer.send(`42["message",${"[".repeat(200_000)}${"]".repeat(200_000)}]`);
    await Promise.race([peer.closed, sleep(300)]);
    peer.close();
    await assertServes(await connected());
  });

  test("an event larger than maxPayload: the connection ends, others go on", async () => {
    const [peer, other] = [await connected(), await connected()];
    peer.send(`42["message","${"x".repeat(maxPayload)}"]`);
    await peer.assertClosed();
    await assertServes(other);
  });
});

test("an event in a namespace that is not connected is not served", async () => {
  const peer = await connected();
  peer.send('42/custom,["message","x"]');
  const answer = await peer.send('42["message","here"]').next().catch(() => "closed");
  assert.ok(["closed", '42["message-back","here"]'].includes(answer), `${answer}${reference ? " (reference)" : ""}`);
  peer.close();
});

describe("with time", { concurrency: true }, () => {
  const { pingInterval, pingTimeout } = brisk;
  let lively;
  let engine;
  before(async () => {
    lively = await start(...flags(brisk));
    engine = endpoint(lively);
  });
  after(() => lively.stop());

  test("the fixture's own timings are those that the official suite counts on", async () => {
    const suited = await start();
    const { handshake } = await endpoint(suited).open();
    assert.deepEqual([handshake.pingInterval, handshake.pingTimeout, handshake.maxPayload], [300, 200, maxPayload]);
    await suited.stop();
  });

  test("polling: pings, pongs, and the end without them", async () => {
    const session = await engine.open();
    await session.posted("40"); // or it would end for want of it
    while (!(await session.polled()).includes("auth"));
    for (let i = 0; i < 2; i++) {
      assert.equal(await session.polled(), "2");
      await session.posted("3");
    }
    await sleep(pingInterval + pingTimeout + 200);
    await session.assertGone();
  });

  test("WebSocket: pings, and the end without a pong", async () => {
    const peer = await engine.openWebSocket();
    for (let i = 0; i < 2; i++) {
      assert.equal(await peer.next(), "2");
      peer.send("3");
    }
    assert.equal(await peer.next(), "2");
    await peer.assertClosed();
  });

  test("without a CONNECT the connection ends after the connect time-out, and not before", async () => {
    const peer = await engine.openWebSocket({}, { heartbeat: true });
    const begin = performance.now();
    await peer.assertClosed();
    const took = performance.now() - begin;
    assert.ok(took > 700, `after ${took} ms`);
  });

  test("of the main namespace: no answer, the connection stays, events of it are no longer served", async () => {
    const peer = await engine.openWebSocket();
    await peer.send("40").next();
    assert.equal(await peer.next(), '42["auth",{}]');
    peer.send("41");
    assert.equal(await peer.next(), "2", "the next thing is a ping");
    peer.close();
  });

  test("without any namespace the connection ends after the connect time-out: nobody is left on it", { skip: reference && "the official server keeps it" }, async () => {
    const peer = await engine.openWebSocket({}, { heartbeat: true });
    assert.match(await peer.send("40").next(), /^40/);
    const begin = performance.now();
    await peer.send("41").assertClosed();
    assert.ok(performance.now() - begin > 700);
  });
});
