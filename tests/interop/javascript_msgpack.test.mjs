// The current client with the MessagePack parser: one binary message a packet, bytes among the arguments.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import parser from "socket.io-msgpack-parser";

import { ask, collect, connect, connected, disconnectAll, next, settled, startFixture, texts, transports } from "./support.mjs";

let fixture;
before(async () => { fixture = await startFixture("--parser", "msgpack"); });
after(async () => { disconnectAll(); await fixture.stop(); });

async function echoed(socket, ...said) {
  const answer = next(socket, "echo");
  socket.emit("echo", ...said);
  return answer;
}

for (const transport of Object.keys(transports)) {
  const meet = async (options) => settled(connect(fixture, { transport, parser, ...options }), transport);

  describe(`over ${transport}`, { concurrency: true }, () => {
    test("connect with auth", async () => {
      const socket = await meet({ auth: { token: "t😀", n: 1, bytes: Buffer.from([1, 2]) } });
      const [{ auth, id }] = await ask(socket, "whoami");
      assert.equal(id, socket.id);
      assert.deepEqual({ ...auth, bytes: [...new Uint8Array(auth.bytes)] }, { token: "t😀", n: 1, bytes: [1, 2] });
      socket.disconnect();
    });

    test("refused with data, and an unknown namespace", async () => {
      const socket = connect(fixture, { transport, parser, namespace: "/guarded", auth: { token: "shut" } });
      const [error] = await next(socket, "connect_error");
      assert.equal(error.message, "not authorized");
      assert.deepEqual(error.data, { code: "E_AUTH", retry: false });
      const nowhere = socket.io.socket("/nowhere, with a comma");
      assert.equal((await next(nowhere, "connect_error"))[0].message, "Invalid namespace");
      socket.disconnect();
      nowhere.disconnect();
    });

    test("arguments of every kind and size of number", async () => {
      const socket = await meet();
      for (const said of [[], [null], [true, false], [0, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1],
        [-1, -32, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53 - 1)], [1.5, -0.1, 1e-300, 5e-324],
        [[], {}, { a: { b: [null, { c: "😀" }] } }], ["x".repeat(31), "x".repeat(32), "x".repeat(256), "x".repeat(65536)],
        [Array.from({ length: 16 }, (_, i) => i), Array.from({ length: 70_000 }, () => 1)],
        [Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i]))]]) {
        assert.deepEqual(await echoed(socket, ...said), said);
        assert.deepEqual(await ask(socket, "echo-ack", ...said), said);
      }
      socket.disconnect();
    });

    for (const [what, text] of Object.entries(texts)) {
      test(`${what}, as argument and key`, async () => {
        const socket = await meet();
        assert.deepEqual(await echoed(socket, text, { [`k${text}`]: [text] }), [text, { [`k${text}`]: [text] }]);
        socket.disconnect();
      });
    }

    test("bytes, alone and deep inside, both ways, in acknowledgements of both", async () => {
      const socket = await meet();
      const plain = (value) => JSON.parse(JSON.stringify(value, (_, part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part)));
      for (const said of [[Buffer.from([1, 2, 3])], [Buffer.alloc(0)], [{ a: [Buffer.alloc(255, 1), { b: Buffer.alloc(256, 2) }] }, Buffer.alloc(70_000, 3)]]) {
        assert.deepEqual(plain(await echoed(socket, ...said)), plain(said));
        assert.deepEqual(plain(await ask(socket, "echo-ack", ...said)), plain(said));
      }
      const got = next(socket, "binary");
      socket.emit("binary", Buffer.from([9, 8]));
      const [{ length, data }] = await got;
      assert.deepEqual([length, [...new Uint8Array(data)]], [2, [9, 8]]);
      socket.on("question", (...asked) => { const ack = asked.pop(); ack(...asked.reverse()); });
      const answered = next(socket, "answered");
      socket.emit("ask", "one", Buffer.from([2]));
      assert.deepEqual(plain(await answered), plain([Buffer.from([2]), "one"]));
      socket.disconnect();
    });

    test("namespaces, rooms, order, and a reconnect", async () => {
      const socket = await meet();
      const chat = await connected(socket.io.socket("/chat"));
      const room = `packed ${transport}`;
      await ask(chat, "join", room);
      const heard = collect(chat, "said");
      for (let i = 0; i < 50; i++) chat.emit("say", room, `${i}`);
      await ask(chat, "echo-ack");
      assert.deepEqual(heard.map(([, text]) => text), Array.from({ length: 50 }, (_, i) => `${i}`));
      const reason = next(chat, "disconnect");
      socket.emit("drop");
      assert.equal((await reason)[0], "transport close");
      await connected(socket);
      await connected(chat);
      assert.deepEqual(await ask(chat, "echo-ack", 1), [1]);
      socket.disconnect();
      chat.disconnect();
    });
  });
}

test("a client with the usual parser is refused, and harms nobody", async () => {
  const packed = await connected(connect(fixture, { parser }));
  const plain = connect(fixture, { reconnection: false, timeout: 2000 });
  const reasons = [];
  plain.io.engine.on("close", (reason) => reasons.push(reason));
  await new Promise((done) => plain.io.on("close", done));
  assert.equal(plain.connected, false);
  assert.deepEqual(await ask(packed, "echo-ack", 1), [1]);
  packed.disconnect();
});
