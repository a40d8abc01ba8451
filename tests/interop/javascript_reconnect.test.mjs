// Every generation of the official client: what it does when the server drops the transport, disconnects the socket, or falls silent.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ask, clients, collect, connect, connected, disconnectAll, next, settled, sleep, startFixture, transports, until } from "./support.mjs";

let fixture;
before(async () => { fixture = await startFixture("--ping-interval", "300", "--ping-timeout", "1000"); });
after(async () => { disconnectAll(); await fixture.stop(); });

describe("every client over every transport", { concurrency: true }, () => { for (const client of clients) for (const transport of Object.keys(transports)) {
  const meet = async (options) => settled(connect(fixture, { client, transport, ...options }), transport);

  describe(`socket.io-client ${client.version}, ${transport}`, { concurrency: true }, () => {
    test("dropped: `transport close`, back by itself as another socket, and again", async () => {
      const socket = await meet({ namespace: "/chat" });
      const ids = [socket.id];
      for (let i = 0; i < 2; i++) {
        const reason = next(socket, "disconnect");
        socket.emit("drop");
        assert.deepEqual((await reason).slice(0, 1), ["transport close"]);
        await settled(socket, transport);
        ids.push(socket.id);
        assert.deepEqual(await ask(socket, "echo-ack", i), [i]);
      }
      assert.equal(new Set(ids).size, 3);
      socket.disconnect();
    });

    test("what is emitted while away is sent after", async () => {
      const socket = await meet();
      const got = collect(socket, "echo");
      const reason = next(socket, "disconnect");
      socket.emit("drop");
      await reason;
      for (let i = 0; i < 5; i++) socket.emit("echo", i);
      await connected(socket);
      await until(() => got.length === 5, "all five come back");
      assert.deepEqual(got, [[0], [1], [2], [3], [4]]);
      socket.disconnect();
    });

    test("kicked: `io server disconnect`, away until it asks again; its other namespace stays", async () => {
      const socket = await meet();
      const chat = await connected(socket.io.socket("/chat"));
      const reason = next(chat, "disconnect");
      chat.emit("kick");
      assert.deepEqual((await reason).slice(0, 1), ["io server disconnect"]);
      await sleep(250);
      assert.equal(chat.connected, false);
      assert.deepEqual(await ask(socket, "echo-ack", 1), [1]);
      chat.connect();
      await connected(chat);
      assert.deepEqual(await ask(chat, "echo-ack", 2), [2]);
      socket.disconnect();
      chat.disconnect();
    });

    test("kicked with its transport: every namespace of it hears", async () => {
      const socket = await meet();
      const chat = await connected(socket.io.socket("/chat"));
      const reasons = [next(socket, "disconnect"), next(chat, "disconnect")];
      socket.emit("kick", true);
      assert.deepEqual((await Promise.all(reasons)).map(([reason]) => reason), ["io server disconnect", "io server disconnect"]);
      socket.disconnect();
      chat.disconnect();
    });

    test("a client that leaves and comes back is another socket", async () => {
      const socket = await meet();
      const [before] = await ask(socket, "whoami");
      socket.disconnect();
      socket.connect();
      await connected(socket);
      const [after] = await ask(socket, "whoami");
      assert.notEqual(before.id, after.id);
      socket.disconnect();
    });

    test("heartbeats keep an idle connection, whoever sends them", async () => {
      const socket = await meet();
      const reasons = collect(socket, "disconnect");
      await sleep(1800);
      assert.deepEqual(reasons, []);
      assert.deepEqual(await ask(socket, "echo-ack", 1), [1]);
      socket.disconnect();
    });
  });
} });
