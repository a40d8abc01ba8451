// Every generation of the official client over every transport: events, acknowledgements, bytes, namespaces, refusals.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ask, clients, collect, connect, connected, disconnectAll, next, settled, startFixture, texts, transports } from "./support.mjs";

let fixture;
before(async () => { fixture = await startFixture(); });
after(async () => { disconnectAll(); await fixture.stop(); });

async function echoed(socket, ...said) {
  const answer = next(socket, "echo");
  socket.emit("echo", ...said);
  return answer;
}

const bytes = (...values) => Buffer.from(values);

describe("every client over every transport", { concurrency: true }, () => { for (const client of clients) for (const transport of Object.keys(transports)) {
  const meet = async (options) => settled(connect(fixture, { client, transport, ...options }), transport);

  describe(`socket.io-client ${client.version}, ${transport}`, { concurrency: true }, () => {
    test("connect with auth: the server sees it, the query and the protocol", async () => {
      const socket = await meet({ namespace: "/chat", auth: { token: "t€😀", n: "1" }, ...(client.old ? {} : { query: { room: "a b&c" } }) });
      const [me] = await ask(socket, "whoami");
      assert.deepEqual(me.auth, { token: "t€😀", n: "1" });
      if (client.old) assert.equal(me.query.token, "t€😀");
      else assert.equal(me.query.room, "a b&c");
      assert.equal(me.protocol, client.old ? 3 : 4);
      assert.equal(me.transport, transport === "polling" ? "polling" : "websocket");
      assert.equal(me.recovered, false);
      if (!client.old) assert.equal(me.id, socket.id);
      socket.disconnect();
    });

    test("connect without auth", async () => {
      const socket = await meet();
      assert.deepEqual((await ask(socket, "whoami"))[0].auth, {});
      socket.disconnect();
    });

    test("refused by a middleware: message and data", async () => {
      const socket = connect(fixture, { client, transport, namespace: "/guarded", auth: { token: "shut" } });
      const [error] = await next(socket, client.old ? "error" : "connect_error");
      if (client.old) {
        assert.deepEqual(error, { code: "E_AUTH", retry: false });
      } else {
        assert.equal(error.message, "not authorized");
        assert.deepEqual(error.data, { code: "E_AUTH", retry: false });
      }
      assert.equal(socket.connected, false);
      socket.disconnect();
    });

    test("let in by a middleware", async () => {
      const socket = await meet({ namespace: "/guarded", auth: { token: "open" } });
      assert.deepEqual(await echoed(socket, 1), [1]);
      socket.disconnect();
    });

    test("a namespace that is not there", async () => {
      const socket = connect(fixture, { client, transport, namespace: "/nowhere" });
      const [error] = await next(socket, client.old ? "error" : "connect_error");
      // Two generations hear an Error, the oldest what the packet holds.
      assert.equal(error.message ?? error, "Invalid namespace");
      socket.disconnect();
    });

    test("events with arguments of every kind, both ways", async () => {
      const socket = await meet();
      for (const said of [[], [null], [true, false], [0, -1, 1.5, 1e21, 2 ** 53 - 1, -(2 ** 53 - 1), 1e-7], ["text"], [[], {}, [[]], { a: { b: [null] } }],
        [1, "2", { 3: ["4", null, false] }, [5]]]) {
        assert.deepEqual(await echoed(socket, ...said), said);
      }
      socket.disconnect();
    });

    for (const [what, text] of Object.entries(texts)) {
      test(`${what}, as argument, key and acknowledgement`, async () => {
        const socket = await meet();
        assert.deepEqual(await echoed(socket, text, { [`k${text}`]: [text] }), [text, { [`k${text}`]: [text] }]);
        assert.deepEqual(await ask(socket, "echo-ack", text), [text]);
        socket.disconnect();
      });
    }

    test("a lone surrogate comes back as it was or replaced, and the connection stays", async () => {
      const socket = await meet();
      const [[first], [second]] = [await echoed(socket, "a\ud800b"), await echoed(socket, "after")];
      assert.ok(["a\ud800b", "a\ufffdb"].includes(first), JSON.stringify(first));
      assert.equal(second, "after");
      socket.disconnect();
    });

    test("acknowledgements of the server, to several events at once", async () => {
      const socket = await meet();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(socket, "echo-ack", i, { i })));
      assert.deepEqual(answers, Array.from({ length: 20 }, (_, i) => [i, { i }]));
      assert.deepEqual(await ask(socket, "echo-ack"), []);
      socket.disconnect();
    });

    test("acknowledgements of the client", async () => {
      const socket = await meet();
      socket.on("question", (...asked) => { const ack = asked.pop(); ack(...asked.reverse()); });
      const answered = next(socket, "answered");
      socket.emit("ask", 1, "zwei 😀", { drei: 3 });
      assert.deepEqual(await answered, [{ drei: 3 }, "zwei 😀", 1]);
      socket.disconnect();
    });

    test("a question that the client does not answer times out on the server", async () => {
      const socket = await meet();
      socket.emit("ask", 1);
      assert.deepEqual(await next(socket, "unanswered"), []);
      socket.disconnect();
    });

    test("bytes both ways", async () => {
      const socket = await meet();
      for (const data of [bytes(1, 2, 3), bytes(), bytes(...Array.from({ length: 256 }, (_, i) => i)), Buffer.alloc(300_000, 0xe2)]) {
        const got = next(socket, "binary");
        socket.emit("binary", data);
        const [{ length, data: back }] = await got;
        assert.equal(length, data.length);
        assert.ok(data.equals(Buffer.from(back)));
      }
      socket.disconnect();
    });

    test("several bytes, deep in objects and arrays, in events and in acknowledgements of both", async () => {
      const socket = await meet();
      const said = [{ a: [bytes(1), { b: bytes(2, 2) }], text: "😀" }, bytes(3, 3, 3), [[bytes()]], null];
      const plain = (value) => JSON.parse(JSON.stringify(value, (_, part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part)));
      assert.deepEqual(plain(await echoed(socket, ...said)), plain(said));
      assert.deepEqual(plain(await ask(socket, "echo-ack", ...said)), plain(said));
      socket.on("question", (...asked) => { const ack = asked.pop(); ack(...asked); });
      const answered = next(socket, "answered");
      socket.emit("ask", ...said);
      assert.deepEqual(plain(await answered), plain(said));
      socket.disconnect();
    });

    test("many events keep their order, with bytes among them", async () => {
      const socket = await meet();
      const got = collect(socket, "echo");
      for (let i = 0; i < 200; i++) socket.emit("echo", i, ...(i % 10 === 0 ? [bytes(i)] : []));
      await ask(socket, "echo-ack");
      assert.deepEqual(got.map(([i]) => i), Array.from({ length: 200 }, (_, i) => i));
      assert.equal(got.filter(([, data]) => data && Buffer.from(data).length === 1).length, 20);
      socket.disconnect();
    });

    test("two namespaces on one connection do not hear each other", async () => {
      const main = await meet();
      const chat = await connected(main.io.socket("/chat"));
      const [here, there] = [collect(main, "echo"), collect(chat, "echo")];
      main.emit("echo", "here");
      chat.emit("echo", "there");
      await Promise.all([ask(main, "echo-ack"), ask(chat, "echo-ack")]);
      assert.deepEqual([here, there], [[["here"]], [["there"]]]);
      assert.notEqual((await ask(main, "whoami"))[0].id, (await ask(chat, "whoami"))[0].id);
      chat.disconnect();
      assert.deepEqual(await echoed(main, "still here"), ["still here"]);
      main.disconnect();
    });

    test("rooms: who is in hears, who left does not, nor another namespace", async () => {
      const [one, two, elsewhere] = [await meet(), await meet(), await meet({ namespace: "/chat" })];
      const room = `room ${client.version} ${transport} 😀`;
      for (const socket of [one, two, elsewhere]) await ask(socket, "join", room);
      const heard = [one, two, elsewhere].map((socket) => collect(socket, "said"));
      await ask(one, "say", room, "first");
      await ask(two, "leave", room);
      await ask(one, "say", room, "second");
      for (const socket of [two, elsewhere]) await ask(socket, "echo-ack");
      assert.deepEqual(heard, [[[room, "first"], [room, "second"]], [[room, "first"]], []]);
      for (const socket of [one, two, elsewhere]) socket.disconnect();
    });
  });
} });
