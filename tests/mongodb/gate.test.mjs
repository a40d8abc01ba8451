// The gate does to connections what the fault tests believe it does.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";

import { sleep, until } from "../people.mjs";
import { Gate } from "./gate.mjs";

let echo;
const received = [];
before(async () => {
  echo = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received.push(chunk.toString());
      socket.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
});
after(() => {
  echo.close();
  setTimeout(() => process.exit(), 3000).unref(); // connections of a test that failed
});

async function connect(gate) {
  const socket = net.connect(gate.port, "127.0.0.1");
  const client = { socket, heard: "", closed: false };
  socket.on("data", (chunk) => { client.heard += chunk; });
  socket.on("error", () => {});
  socket.on("close", () => { client.closed = true; });
  await new Promise((done) => socket.on("connect", done).on("close", done));
  return client;
}

test("pass, then cut: the connection ends, new ones end at once; pass again lets in", async () => {
  const gate = await Gate.open(echo.address().port);
  const client = await connect(gate);
  client.socket.write("one");
  await until(() => client.heard === "one", "the echo");
  gate.cut();
  await until(() => client.closed, "the end");
  const refused = await connect(gate);
  await until(() => refused.closed, "the end of the next");
  gate.pass();
  const again = await connect(gate);
  again.socket.write("two");
  await until(() => again.heard === "two", "the echo");
  again.socket.destroy();
  await until(() => gate.lanes.size === 0, "nothing is kept");
  await gate.close();
});

test("stall: old and new connections stand still, and all arrives afterwards in order", async () => {
  const gate = await Gate.open(echo.address().port);
  const clients = [await connect(gate)];
  gate.stall();
  clients.push(await connect(gate));
  for (const client of clients) for (const text of ["a", "b", "c"]) client.socket.write(text);
  await sleep(200);
  assert.deepEqual(clients.map(({ heard, closed }) => [heard, closed]), [["", false], ["", false]]);
  gate.pass();
  for (const client of clients) await until(() => client.heard === "abc", "the echo");
  await gate.close();
});

test("delay: each way takes its time", async () => {
  const gate = await Gate.open(echo.address().port);
  gate.delay(100);
  const client = await connect(gate);
  const began = Date.now();
  client.socket.write("x");
  await until(() => client.heard === "x", "the echo");
  assert.ok(Date.now() - began >= 195, `${Date.now() - began} ms`);
  await gate.close();
});

test("swallowed and lost replies: the other end has got the request; the connection is silent, or reset", async () => {
  for (const [how, ends] of [["swallowReplies", false], ["loseReplies", true]]) {
    const gate = await Gate.open(echo.address().port);
    const client = await connect(gate);
    gate[how](1);
    client.socket.write(how);
    await until(() => received.includes(how), "the request arrives");
    await until(() => gate.lost === 1, "the answer is thrown away");
    if (ends) await until(() => client.closed, "the reset");
    else await sleep(100);
    assert.deepEqual([client.heard, client.closed], ["", ends]);
    gate.pass();
    await until(() => client.closed, "what lost an answer ends");
    await gate.close();
  }
});
