// Compression as it is negotiated with real clients: permessage-deflate with the clients' WebSocket, gzip of the answers to polls.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";

import { ask, clients, connect, disconnectAll, next, settled, startFixture, transports } from "./support.mjs";

let fixture;
before(async () => { fixture = await startFixture("--compress"); });
after(async () => { disconnectAll(); await fixture.stop(); });

const large = "a text that repeats itself, ".repeat(20_000);
const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) >>> 13));

for (const client of clients) for (const transport of Object.keys(transports)) {
  test(`socket.io-client ${client.version}, ${transport}: small, large and noise, both ways`, async () => {
    const socket = await settled(connect(fixture, { client, transport, perMessageDeflate: { threshold: 100 } }), transport);
    if (transport !== "polling") assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
    for (const said of ["small", large, noise, ["😀".repeat(10_000), { noise }]]) {
      const [back] = await ask(socket, "echo-ack", said);
      const plain = (value) => JSON.stringify(value, (_, part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part));
      assert.ok(plain(back) === plain(said));
    }
    socket.disconnect();
  });
}

test("a client that does not offer it gets no extension", async () => {
  const socket = await settled(connect(fixture, { perMessageDeflate: false }), "websocket");
  assert.equal(socket.io.engine.transport.ws.extensions, "");
  assert.deepEqual(await ask(socket, "echo-ack", large), [large]);
  socket.disconnect();
});

test("a broadcast reaches clients with and without it", async () => {
  const sockets = await Promise.all([{}, { perMessageDeflate: false }, { transport: "polling" }, { client: clients[2] }]
    .map((options) => settled(connect(fixture, options), options.transport ?? "websocket")));
  for (const socket of sockets) await ask(socket, "join", "mixed");
  const heard = sockets.map((socket) => next(socket, "said"));
  sockets[0].emit("say", "mixed", large);
  for (const [, text] of await Promise.all(heard)) assert.ok(text === large);
  for (const socket of sockets) socket.disconnect();
});

describe("answers to polls", () => {
  // Not fetch: it unpacks, and takes the field away.
  const get = (query, headers) => new Promise((done, fail) => {
    http.get(`${fixture.url}/socket.io/?${new URLSearchParams({ EIO: 4, transport: "polling", ...query })}`, { headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => done({ encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) }));
    }).on("error", fail);
  });

  async function answerOf(text, accept) {
    const { bytes } = await get({});
    const { sid } = JSON.parse(bytes.toString().slice(1));
    const post = (body) => fetch(`${fixture.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { method: "POST", body }).then((response) => response.text());
    await post("40");
    await get({ sid });
    await post(`42["echo",${JSON.stringify(text)}]`);
    return get({ sid }, accept ? { "accept-encoding": accept } : {});
  }

  test("large ones are packed for those who accept it", async () => {
    for (const [accept, encoding] of [["gzip", "gzip"], ["deflate", "deflate"], ["br;q=1, gzip;q=0.5", "gzip"]]) {
      const answer = await answerOf(large, accept);
      assert.equal(answer.encoding, encoding);
      assert.ok(answer.bytes.length < large.length / 10);
    }
  });

  test("small ones, and those for others, are not", async () => {
    for (const [text, accept] of [["small", "gzip"], [large, undefined], [large, "br"], [large, "gzip;q=0"]]) {
      const answer = await answerOf(text, accept);
      assert.equal(answer.encoding, undefined);
      assert.ok(answer.bytes.toString() === `42["echo",${JSON.stringify(text)}]`);
    }
  });
});
