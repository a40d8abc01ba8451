// What the tests of this folder share: servers on a database, people who log in there, and what a database holds after all.
import assert from "node:assert/strict";
import { after } from "node:test";

import { Person, until } from "../people.mjs";
import { Server } from "../support.mjs";
import { Gate } from "./gate.mjs";

// A test that fails leaves connections behind, and the runner would wait for them.
after(() => { setTimeout(() => process.exit(), 6000).unref(); });

/** The URI of a database behind a gate. */
export const through = (gate, name, options = "") => `mongodb://127.0.0.1:${gate.port}/${name}?directConnection=true${options}`;

export const openGate = (database) => Gate.open(database.port);

export async function health(server, which = "ready") {
  return (await fetch(`${server.url}/health/${which}`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined))?.status;
}

export const becomesReady = (server, milliseconds = 30_000) =>
  until(async () => await health(server) === 200, () => `the server is ready\n${server.log.slice(-4000)}`, milliseconds);

/** A server that stores at `uri`; ready unless `absent` says that nobody is there yet. */
export async function serve(uri, { flags = [], env = {}, absent = false, ...options } = {}) {
  const server = await Server.start({ flags: ["--rate-limits", "off", ...flags], env: { MONGO_DB_URI: uri, ...env }, ...options });
  if (!absent) await becomesReady(server);
  return server;
}

/** A log-in of an account that exists, whoever made it. */
export async function logIn(server, { id, name }) {
  const person = await new Person(server, name).logInAgain();
  assert.equal(person.id, id);
  return person;
}

export const textsOf = (messages) => messages.map(({ message }) => message);
export const idsOf = (messages) => messages.map(({ _id }) => _id.toString());

/** Waits until the one conversation document of these two names exactly the messages stored between them, in their order. */
export async function arrayIsWhole(site, one, other, milliseconds = 20_000) {
  let seen;
  await until(async () => {
    const [stored, conversations] = await Promise.all([messagesOf(site, one, other), site.conversations(one, other)]);
    seen = `${stored.length} messages, arrays of ${conversations.map(({ messages }) => messages.length)}`;
    if (conversations.length !== 1) return false;
    const named = conversations[0].messages.map(String);
    return named.length === stored.length && stored.every(({ _id }) => named.includes(_id.toString()));
  }, () => `the array of ${one.name} and ${other.name} names every message once: ${seen}`, milliseconds);
}

/** The documents between two people, oldest first. */
export function messagesOf(site, one, other) {
  const [a, b] = [one, other].map(({ id }) => site.idOf(id));
  return site.raw("messages").find({ $or: [{ senderId: a, receiverId: b }, { senderId: b, receiverId: a }] }).sort({ createdAt: 1, _id: 1 }).toArray();
}
