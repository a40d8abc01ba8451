// Does a server leave in its database what the original leaves there? Plays the story of the recording over HTTP, reads the documents back and
// compares every field, their order and BSON types, and the indexes, with documents.golden.json.
//   node tests/golden/documents.mjs --base http://127.0.0.1:5000 --db mongodb://host:port/name      (rate limits off)
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { MongoClient } from "mongodb";

const here = path.dirname(fileURLToPath(import.meta.url));
const nobody = "0123456789abcdef01234567";

// Where this server leaves something else than the original did, and why: each row changes the recorded documents before they are compared.
const differences = [
  {
    why: "hashes begin with $2b$, and the cost is a setting",
    change: ({ users }) => users.forEach(({ password }) => { password.value = "<bcrypt $2b$, 60 characters>"; }),
  },
  {
    why: "a person's picture is drawn by the server itself",
    change: ({ users }) => users.forEach(({ _id, profilePic }) => { profilePic.value = `/api/avatars/${_id.value}.svg`; }),
  },
  {
    why: "an empty message is refused before anything is stored",
    change: (stored) => { stored.conversations = stored.conversations.filter(({ participants }) => !isPair(participants, "<id:3>", "<id:1>")); },
  },
  {
    why: "a receiver whom nobody knows is refused",
    change: (stored) => {
      stored.messages = stored.messages.filter(({ receiverId }) => receiverId.value !== "<id:9>");
      stored.conversations = stored.conversations.filter(({ participants }) => !isPair(participants, "<id:2>", "<id:9>"));
    },
  },
  {
    why: "a note to self goes to a conversation with oneself, not to the first one that one takes part in",
    change: ({ conversations }) => {
      const [withBob] = conversations;
      const [note] = withBob.messages.items.splice(2, 1);
      withBob.__v.value -= 1;
      const [alice] = withBob.participants.items;
      conversations.push({
        ...structuredClone(withBob), _id: { type: "objectId", value: "<id:15>" },
        participants: { type: "array", items: [alice, alice] }, messages: { type: "array", items: [note] }, __v: { type: "int32", value: 1 },
      });
    },
  },
];

const isPair = ({ items }, one, other) => items[0].value === one && items[1].value === other;

async function post(base, route, body, cookie = "") {
  const response = await fetch(base + route, { method: "POST", headers: { "content-type": "application/json", cookie }, body: JSON.stringify(body) });
  return { status: response.status, id: (await response.json())._id, cookie: response.headers.get("set-cookie")?.split(";")[0] };
}

/** What the recording's people did. Returns them and the statuses of their sends. */
async function play(base, run) {
  const people = {};
  for (const [fullName, gender] of [["Alice", "female"], ["Bob", "male"], ["Carol", "female"]]) {
    const form = { fullName, username: `${fullName}-${run}`, password: "secret1", confirmPassword: "secret1", gender };
    people[fullName] = await post(base, "/api/auth/signup", form);
  }
  const { Alice, Bob, Carol } = people;
  const statuses = [];
  for (const [from, to, message] of [
    [Alice, Bob.id, "hello"], [Bob, Alice.id, "ünïcödé 👋"], [Bob, Carol.id, 123], [Carol, Alice.id, ""],
    [Alice, Alice.id, "note to self"], [Bob, nobody, "nobody has this id"],
  ]) {
    statuses.push((await post(base, `/api/messages/send/${to}`, { message }, from.cookie)).status);
  }
  return { ids: Object.values(people).map(({ id }) => id), statuses };
}

/** A value as the recording writes it. */
function describe(value, run) {
  if (Array.isArray(value)) return { type: "array", items: value.map((each) => describe(each, run)) };
  if (value instanceof Date) {
    return { type: "date", value: Math.abs(Date.now() - value.getTime()) < 600_000 ? "<time>" : value.toISOString() };
  }
  if (value?._bsontype === "ObjectId") return { type: "objectId", value: value.toHexString() };
  if (value?._bsontype) return { type: value._bsontype.toLowerCase(), value: Number(value) };
  if (typeof value !== "string") return { type: typeof value, value };
  if (/^\$2b\$\d\d\$.{53}$/.test(value)) return { type: "string", value: "<bcrypt $2b$, 60 characters>" };
  return { type: "string", value: value.replaceAll(run, "<run>") };
}

const describeAll = (documents, run) =>
  documents.map((document) => Object.fromEntries(Object.entries(document).map(([field, value]) => [field, describe(value, run)])));

async function readBack(uri, ids, run) {
  const client = await MongoClient.connect(uri, { promoteValues: false });
  try {
    const database = client.db();
    const ours = (...values) => values.some((value) => ids.includes(String(value)));
    const tests = { users: ({ _id }) => ours(_id), messages: ({ senderId }) => ours(senderId), conversations: ({ participants }) => ours(...participants) };
    const result = {};
    for (const [name, test] of Object.entries(tests)) {
      const collection = database.collection(name);
      const documents = (await collection.find().toArray()).filter(test);
      const indexes = (await collection.indexes()).map(({ key, unique }) => ({
        key: Object.fromEntries(Object.entries(key).map(([field, order]) => [field, Number(order)])), unique: Boolean(unique),
      }));
      result[name] = { indexes, documents: describeAll(documents, run) };
    }
    return result;
  } finally {
    await client.close();
  }
}

/** Which recorded id is which stored one: one to one. */
class Ids {
  #stored = new Map();
  #recorded = new Map();

  same(recorded, stored) {
    if (!this.#stored.has(recorded) && !this.#recorded.has(stored)) {
      this.#stored.set(recorded, stored);
      this.#recorded.set(stored, recorded);
    }
    return this.#stored.get(recorded) === stored;
  }

  sameText(recorded, stored) {
    const name = /<id:\d+>/.exec(recorded)?.[0];
    return stored === (name ? recorded.replace(name, this.#stored.get(name)) : recorded);
  }
}

function compareValue(recorded, stored, where, ids, problems) {
  if (recorded.type !== stored.type) return problems.push(`${where}: expected a ${recorded.type}, found ${JSON.stringify(stored)}`);
  if (recorded.type === "array") {
    if (recorded.items.length !== stored.items.length) return problems.push(`${where}: expected ${recorded.items.length} items, found ${stored.items.length}`);
    return recorded.items.forEach((item, index) => compareValue(item, stored.items[index], `${where}.${index}`, ids, problems));
  }
  const same = recorded.type === "objectId" ? ids.same(recorded.value, stored.value)
    : recorded.type === "string" ? ids.sameText(recorded.value, stored.value) : recorded.value === stored.value;
  if (!same) problems.push(`${where}: expected ${recorded.value}, found ${stored.value}`);
}

function compareDocument(recorded, stored, where, ids, problems) {
  const [expected, found] = [recorded, stored].map((document) => Object.keys(document).join(", "));
  if (expected !== found) return problems.push(`${where}: expected the fields ${expected}; found ${found}`);
  for (const field of Object.keys(recorded)) compareValue(recorded[field], stored[field], `${where}.${field}`, ids, problems);
}

// Who a document is, whatever its _id: the order in which a collection gives its documents is nobody's promise.
const identities = {
  users: ({ username }) => username?.value,
  messages: ({ message }) => message?.value,
  conversations: ({ participants }, name) => participants?.items.map(({ value }) => name(value)).join(" and "),
};

function compareCollection(name, recorded, stored, personOf, ids, problems) {
  const left = new Map(stored.map((document) => [identities[name](document, personOf), document]));
  if (left.size !== stored.length) problems.push(`${name}: some documents are there twice`);
  for (const document of recorded) {
    const who = identities[name](document, personOf);
    const found = left.get(who);
    left.delete(who);
    if (found) compareDocument(document, found, `${name} "${who}"`, ids, problems);
    else problems.push(`${name}: no document of "${who}"`);
  }
  for (const who of left.keys()) problems.push(`${name}: nobody expects the document of "${who}"`);
}

// Indexes of our own may come on top, but a unique one could refuse what the original writes.
function compareIndexes(name, recorded, stored, problems) {
  const missing = new Set(recorded.map((index) => JSON.stringify(index)));
  for (const index of stored) {
    const text = JSON.stringify(index);
    if (!missing.delete(text) && index.unique) problems.push(`${name}: the original has no unique index ${text}`);
  }
  for (const text of missing) problems.push(`${name}: no index ${text}`);
}

function compareAll(recording, seen, people) {
  const problems = [];
  const ids = new Ids();
  people.forEach((id, index) => ids.same(`<id:${index + 1}>`, id));
  const recorded = Object.fromEntries(Object.entries(recording).map(([name, { documents }]) => [name, structuredClone(documents)]));
  for (const { change } of differences) change(recorded);
  const names = ["Alice", "Bob", "Carol"];
  const personOf = (id) => names[people.indexOf(id)] ?? names[Number(/\d+/.exec(id)?.[0]) - 1] ?? id;
  for (const name of Object.keys(recording)) {
    compareCollection(name, recorded[name], seen[name].documents, personOf, ids, problems);
    compareIndexes(name, recording[name].indexes, seen[name].indexes, problems);
  }
  return problems;
}

/** What differs from the recording, as sentences; none if all is well. */
export async function checkDocuments(base, uri) {
  const recording = JSON.parse(readFileSync(path.join(here, "documents.golden.json"), "utf8"));
  const run = Math.random().toString(36).slice(2, 10);
  const { ids, statuses } = await play(base, run);
  if (statuses.join() !== "201,201,201,400,201,404") return [`the sends were answered with ${statuses}`];
  // Ids may enter a conversation's array a moment after the 201.
  for (const end = Date.now() + 10_000; ; await new Promise((done) => setTimeout(done, 100))) {
    const problems = compareAll(recording, await readBack(uri, ids, run), ids);
    if (!problems.length || Date.now() > end) return problems;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { base: { type: "string" }, db: { type: "string" } } });
  const problems = await checkDocuments(values.base, values.db);
  for (const problem of problems) console.log(`FAIL ${problem}`);
  console.log(problems.length ? `0 passed, ${problems.length} failed` : "1 passed, 0 failed");
  process.exit(problems.length ? 1 : 0);
}
