// Stored order is the order of newMessage, whatever loops the senders are on.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import { Person, seesOnline, until, events } from "../people.mjs";
import { Server, scaled } from "../support.mjs";

test("8 senders into one conversation each way: receivers see the stored order", async () => {
  const server = await Server.start({ flags: ["--rate-limits", "off", "--loops", "4"] });
  const [alice, bob] = [await Person.signUp(server, "alice"), await Person.signUp(server, "bob")];
  // Four logins each, so that one conversation has eight senders on connections of their own.
  const logins = [];
  for (let i = 0; i < 4; i++) logins.push([await alice.logInAgain(), bob], [await bob.logInAgain(), alice]);
  const receivers = [bob.socket({ transports: ["websocket"] }), bob.socket({ transports: ["polling"] }), bob.socket()];
  for (const socket of receivers) await seesOnline(socket, [bob]);

  const each = scaled(10_000) / 8;
  await Promise.all(logins.map(async ([sender, receiver], number) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < each; i++) await post(server, agent, sender, receiver, `${number}-${i}`);
    agent.destroy();
  }));

  const stored = (await bob.history(alice)).map(({ message, senderId }) => [senderId, message]);
  assert.equal(stored.length, 8 * Math.ceil(each));
  const forBob = stored.filter(([sender]) => sender === alice.id).map(([, text]) => text);
  for (const socket of receivers) {
    await until(() => events(socket, "newMessage").length >= forBob.length, "every message", 30_000);
    assert.deepEqual(events(socket, "newMessage").map(([{ message }]) => message), forBob);
    socket.disconnect();
  }
  await server.stop();
});

function post(server, agent, sender, receiver, message) {
  return new Promise((done, fail) => {
    const body = JSON.stringify({ message });
    const request = http.request(`${server.url}/api/messages/send/${receiver.id}`, {
      method: "POST", agent, headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), Cookie: sender.cookie },
    }, (response) => {
      response.resume();
      response.on("end", () => response.statusCode === 201 ? done() : fail(new Error(`status ${response.statusCode}`)));
    });
    request.on("error", fail);
    request.end(body);
  });
}
