// Socket.IO protocol 4 over Engine.IO 3: what clients of the generation before speak, said by hand to the fixture of interop/README.md.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { Fixture } from "../fixtures.mjs";
import { Endpoint, sleep } from "./support.mjs";

let fixture;
let engine;
before(async () => {
  fixture = await Fixture.start({ name: "interop_fixture", twin: fileURLToPath(new URL("../interop/reference.mjs", import.meta.url)) });
  engine = new Endpoint(fixture, { path: "/socket.io/", protocol: 3 });
});
after(() => fixture.stop());

async function connected(query) {
  const peer = await engine.openWebSocket(query);
  assert.equal(await peer.next("the CONNECT that nobody asked for"), "40");
  return peer;
}

describe("CONNECT", () => {
  test("the main namespace is connected at once, without a payload; the client's own CONNECT is not needed", async () => {
    const peer = await connected();
    assert.equal(await peer.send('42["echo",1]').next(), '42["echo",1]');
    peer.close();
  });

  test("over polling it comes in a payload of its lengths", async () => {
    const session = await engine.open();
    assert.equal(await session.polled(), "2:40");
    await session.posted('14:42["echo","€"]');
    assert.equal(await session.polled(), '14:42["echo","€"]');
  });

  test("another namespace, with a query that stands for auth", async () => {
    const peer = await connected();
    assert.equal(await peer.send("40/chat?token=a%20b&n=1,").next(), "40/chat,");
    const answer = await peer.send('42/chat,1["whoami"]').next();
    assert.ok(answer.startsWith("43/chat,1["), answer);
    const [me] = JSON.parse(answer.slice("43/chat,1".length));
    assert.deepEqual(me.auth, { token: "a b", n: "1" });
    assert.equal(me.protocol, 3);
    peer.close();
  });

  test("another namespace without a query", async () => {
    const peer = await connected();
    assert.equal(await peer.send("40/chat").next(), "40/chat,");
    assert.equal(await peer.send('42/chat,["echo","x"]').next(), '42/chat,["echo","x"]');
    peer.close();
  });

  test("a refusal is a packet of type 4 with the data alone, or the message as text", async () => {
    const peer = await connected();
    const refused = await peer.send("40/guarded?token=shut,").next();
    assert.ok(refused.startsWith("44/guarded,"), refused);
    assert.deepEqual(JSON.parse(refused.slice("44/guarded,".length)), { code: "E_AUTH", retry: false });
    const unknown = await peer.send("40/nowhere,").next();
    assert.ok(unknown.startsWith("44/nowhere,"), unknown);
    assert.match(unknown, /Invalid namespace/);
    assert.equal(await peer.send("40/guarded?token=open,").next(), "40/guarded,");
    peer.close();
  });
});

describe("what follows", () => {
  test("acknowledgements both ways", async () => {
    const peer = await connected();
    assert.equal(await peer.send('427["echo-ack","a",{"b":2}]').next(), '437["a",{"b":2}]');
    const question = await peer.send('42["ask","why"]').next();
    const [, id] = /^42(\d+)\["question","why"\]$/.exec(question);
    assert.equal(await peer.send(`43${id}["because"]`).next(), '42["answered","because"]');
    peer.close();
  });

  test("attachments follow a byte of their type", async () => {
    const peer = await connected();
    peer.send('451-["echo",{"_placeholder":true,"num":0}]', Buffer.from([4, 1, 2, 3]));
    assert.equal(await peer.next(), '451-["echo",{"_placeholder":true,"num":0}]');
    assert.deepEqual(await peer.next(), Buffer.from([4, 1, 2, 3]));
    peer.close();
  });

  test("attachments over polling without binary answers are base64", async () => {
    const session = await engine.open({ b64: 1 });
    assert.equal(await session.polled(), "2:40");
    const packets = ['451-["echo",{"_placeholder":true,"num":0}]', "b4AQID"];
    const payload = packets.map((packet) => `${packet.length}:${packet}`).join("");
    await session.posted(payload);
    assert.equal(await session.polled(), payload);
  });

  test("the client pings, the server answers", async () => {
    const peer = await connected();
    for (let i = 0; i < 3; i++) assert.equal(await peer.send("2").next(), "3");
    peer.close();
  });

  test("a DISCONNECT of one namespace leaves the others", async () => {
    const peer = await connected();
    await peer.send("40/chat").next();
    peer.send("41/chat,");
    assert.equal(await peer.send('42["echo",1]').next(), '42["echo",1]');
    assert.equal(await peer.send('42["kick"]').next(), "41");
    peer.close();
  });

  test("both generations are in one room", async () => {
    const old = await connected();
    const newer = await new Endpoint(fixture, { path: "/socket.io/" }).openWebSocket();
    assert.match(await newer.send("40").next(), /^40\{"sid":/);
    assert.equal(await old.send('421["join","both"]').next(), "431[]");
    assert.equal(await newer.send('421["join","both"]').next(), "431[]");
    newer.send('42["say","both","hello"]');
    assert.equal(await old.next(), '42["said","both","hello"]');
    assert.equal(await newer.next(), '42["said","both","hello"]');
    old.close();
    newer.close();
  });

  test("a packet that is none ends the connection", async () => {
    for (const message of ["4abc", "42{}", "47", '42["echo",']) await (await connected()).send(message).assertClosed();
  });

  test("an upgrade keeps the socket", async () => {
    const session = await engine.open();
    assert.equal(await session.polled(), "2:40");
    const peer = engine.websocket({ sid: session.sid });
    await peer.opened;
    assert.equal(await peer.send("2probe").next(), "3probe");
    peer.send("5", '42["echo",1]');
    assert.equal(await peer.next(), '42["echo",1]');
    peer.close();
  });

  test("a client that breaks off leaves its room", async () => {
    const [stays, leaves] = [await connected(), await connected()];
    for (const peer of [stays, leaves]) assert.equal(await peer.send('421["join","left"]').next(), "431[]");
    leaves.close();
    await sleep(50);
    assert.equal(await stays.send('42["say","left","x"]').next(), '42["said","left","x"]');
    stays.close();
  });
});
