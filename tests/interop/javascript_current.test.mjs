// What only the current client (4.8) has: volatile events, time-outs, promises, retries.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { ask, collect, connect, connected, disconnectAll, next, settled, sleep, startFixture, transports } from "./support.mjs";

let fixture;
before(async () => { fixture = await startFixture(); });
after(async () => { disconnectAll(); await fixture.stop(); });

for (const transport of Object.keys(transports)) {
  const meet = async (options) => settled(connect(fixture, { transport, ...options }), transport);

  describe(`over ${transport}`, { concurrency: true }, () => {
    test("a volatile event of the client arrives while connected, and is gone before", async () => {
      const socket = connect(fixture, { transport });
      const got = collect(socket, "echo");
      socket.volatile.emit("echo", "early");
      socket.emit("echo", "kept");
      await settled(socket, transport);
      await ask(socket, "echo-ack");
      // Over polling it is gone as well while another POST is on its way: it is said until it arrives.
      for (let i = 0; i < 200 && got.length === 1; i++) {
        socket.volatile.emit("echo", "connected");
        await sleep(10);
      }
      assert.deepEqual(got.slice(0, 2), [["kept"], ["connected"]]);
      socket.disconnect();
    });

    test("a volatile event of the server arrives at whoever can take it", async () => {
      const [speaker, listener] = [await meet(), await meet()];
      const room = `volatile ${transport}`;
      await ask(listener, "join", room);
      const got = collect(listener, "said");
      // Over polling it may come between two polls, when nobody can take it: it is said until it is heard.
      for (let i = 0; i < 200 && got.length === 0; i++) {
        await ask(speaker, "say-volatile", room, "now");
        await sleep(10);
      }
      assert.deepEqual(got[0], [room, "now"]);
      for (const socket of [speaker, listener]) socket.disconnect();
    });

    test("timeout(): an error when nobody answers, the answer when somebody does", async () => {
      const socket = await meet();
      const late = await new Promise((done) => socket.timeout(200).emit("nobody", 1, (error) => done(error)));
      assert.equal(late.message, "operation has timed out");
      const answer = await new Promise((done) => socket.timeout(10_000).emit("echo-ack", 1, "two", (error, ...said) => done([error, ...said])));
      assert.deepEqual(answer, [null, 1, "two"]);
      socket.disconnect();
    });

    test("emitWithAck(): a promise of the first argument, or its failure", async () => {
      const socket = await meet();
      assert.deepEqual(await socket.emitWithAck("echo-ack", { a: ["😀"] }), { a: ["😀"] });
      await assert.rejects(socket.timeout(200).emitWithAck("nobody"), /timed out/);
      socket.disconnect();
    });

    test("a pending acknowledgement fails when the connection is lost", async () => {
      const socket = await meet();
      const failed = new Promise((done) => socket.timeout(10_000).emit("nobody", (error) => done(error)));
      socket.emit("drop");
      assert.match((await failed).message, /disconnected/);
      socket.disconnect();
    });

    test("auth from a function is asked anew at every connect", async () => {
      let asked = 0;
      const socket = await meet({ auth: (give) => give({ time: ++asked }) });
      assert.deepEqual((await ask(socket, "whoami"))[0].auth, { time: 1 });
      const back = next(socket.io, "reconnect");
      socket.emit("drop");
      await back;
      await connected(socket);
      assert.deepEqual((await ask(socket, "whoami"))[0].auth, { time: 2 });
      socket.disconnect();
    });

    test("retries: everything acknowledged, in order, over losses of the connection", async () => {
      const socket = await meet({ retries: 10, ackTimeout: 1000 });
      const answers = [];
      const all = Array.from({ length: 30 }, (_, i) => new Promise((done, fail) => {
        socket.emit("echo-ack", i, (error, said) => {
          if (error) return fail(error);
          answers.push(said);
          if (i % 10 === 5) socket.io.engine.close();
          done();
        });
      }));
      await Promise.all(all);
      assert.deepEqual(answers, Array.from({ length: 30 }, (_, i) => i));
      socket.disconnect();
    });

    test("retries: given up after as many as were asked for", async () => {
      const socket = await meet({ retries: 2, ackTimeout: 100 });
      const error = await new Promise((done) => socket.emit("nobody", (failure) => done(failure)));
      assert.match(error.message, /timed out/);
      assert.equal(await new Promise((done) => socket.emit("echo-ack", "next", (failure, said) => done(said))), "next");
      socket.disconnect();
    });

    test("onAny and onAnyOutgoing see what travels", async () => {
      const socket = await meet();
      const [incoming, outgoing] = [[], []];
      socket.onAny((...said) => incoming.push(said));
      socket.onAnyOutgoing((...said) => outgoing.push(said));
      const echo = next(socket, "echo");
      socket.emit("echo", 1, "two");
      await echo;
      assert.deepEqual([incoming, outgoing], [[["echo", 1, "two"]], [["echo", 1, "two"]]]);
      socket.disconnect();
    });
  });
}

test("tryAllTransports: a client that may only upgrade still connects", async () => {
  const socket = await connected(connect(fixture, { transport: "upgrade", tryAllTransports: true, rememberUpgrade: true }));
  assert.deepEqual(await ask(socket, "echo-ack", 1), [1]);
  socket.disconnect();
});

test("one connection for several namespaces, whose auth differs", async () => {
  const main = await connected(connect(fixture, { auth: { who: "main" } }));
  const guarded = await connected(main.io.socket("/guarded", { auth: { token: "open" } }));
  assert.deepEqual((await ask(main, "whoami"))[0].auth, { who: "main" });
  assert.deepEqual((await ask(guarded, "whoami"))[0].auth, { token: "open" });
  main.disconnect();
  assert.deepEqual(await ask(guarded, "echo-ack", 1), [1]);
  guarded.disconnect();
});
