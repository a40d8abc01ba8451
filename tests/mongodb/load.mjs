// People who send while a database fails, and the account that is kept of it: what was acknowledged, what was answered, and how soon.
import assert from "node:assert/strict";
import http from "node:http";

import { seesOnline, sleep, texts, until } from "../people.mjs";
import { call } from "./call.mjs";
import { idsOf, messagesOf, textsOf } from "./world.mjs";

// Who sends to whom, and what came of it.
class Client {
  acknowledged = new Map(); // text to id
  unsure = new Set(); // sent without a key, not acknowledged
  constructor(from, to, name, keyed) {
    Object.assign(this, { from, to, name, keyed, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) });
  }
}

export class Load {
  slowest = 0;
  refused = 0;
  faults = []; // answers that must not be
  lost = 0; // requests without an answer

  /** `keyed` clients send with an Idempotency-Key and repeat until they are acknowledged; `keyless` ones try each text once. */
  constructor(server, pairs, { keyed = 12, keyless = 4, answersMayBeLost = false } = {}) {
    this.server = server;
    this.pairs = pairs;
    this.answersMayBeLost = answersMayBeLost;
    this.clients = Array.from({ length: keyed + keyless }, (_, i) => {
      const pair = pairs[i % pairs.length];
      const [from, to] = Math.floor(i / pairs.length) % 2 ? pair : [...pair].reverse();
      return new Client(from, to, `client${i}`, i < keyed);
    });
  }

  start() {
    this.stopped = false;
    this.work = Promise.all([...this.clients.map((client) => this.#send(client)), this.#read()]);
    return this;
  }

  /** Lets every client finish its message. */
  async stop() {
    this.stopped = true;
    await this.work;
    for (const { agent } of this.clients) agent.destroy();
  }

  get acknowledged() { return this.clients.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0); }

  async #send(client) {
    for (let i = client.acknowledged.size + client.unsure.size; !this.stopped; i++) {
      const text = `${client.name} ${i}`;
      if (client.keyed) await this.#untilAcknowledged(client, text);
      else await this.#once(client, text);
    }
  }

  async #untilAcknowledged(client, text) {
    const end = Date.now() + 60_000;
    while (!await this.#attempt(client, text, { "Idempotency-Key": text })) {
      if (Date.now() > end) {
        this.faults.push(`${text} was not taken for a minute`);
        return;
      }
      await sleep(50 + Math.random() * 100);
    }
  }

  async #once(client, text) {
    if (await this.#attempt(client, text)) return;
    client.unsure.add(text);
    await sleep(50 + Math.random() * 100);
  }

  async #attempt(client, text, headers) {
    const answer = await call(client.agent, this.server, "POST", `/api/messages/send/${client.to.id}`, { cookie: client.from.cookie, body: { message: text }, headers });
    if (answer.lost) {
      this.lost++;
      if (!this.answersMayBeLost) this.faults.push(`${text}: ${answer.lost} after ${Math.round(answer.milliseconds)} ms`);
      return false;
    }
    this.slowest = Math.max(this.slowest, answer.milliseconds);
    const body = parsed(answer.text);
    if (answer.status === 201 && body?.message === text) {
      client.acknowledged.set(text, body._id);
      return true;
    }
    if (answer.status === 503 && typeof body?.error === "string") this.refused++;
    else this.faults.push(`${text}: ${answer.status} ${answer.text.slice(0, 200)}`);
    return false;
  }

  /** Nothing acknowledged is lost, nothing is stored twice, and REST shows what the database has. */
  async settle(site) {
    assert.deepEqual(this.faults.slice(0, 5), []);
    assert.ok(this.slowest < 15_000, `an answer took ${Math.round(this.slowest)} ms`);
    for (const [one, other] of this.pairs) {
      const stored = await messagesOf(site, one, other);
      const texts = textsOf(stored);
      assert.equal(new Set(texts).size, texts.length, `stored twice: ${texts.filter((text, i) => texts.indexOf(text) !== i).slice(0, 5)}`);
      const idOf = new Map(stored.map(({ _id, message }) => [message, _id.toString()]));
      const clients = this.clients.filter(({ from, to }) => [one, other].includes(from) && [one, other].includes(to));
      const unsure = new Set(clients.flatMap((client) => [...client.unsure]));
      for (const { acknowledged } of clients) {
        for (const [text, id] of acknowledged) assert.equal(idOf.get(text), id, `acknowledged and lost, or stored under another id: ${text}`);
      }
      const surplus = texts.filter((text) => !clients.some(({ acknowledged }) => acknowledged.has(text)) && !unsure.has(text));
      assert.deepEqual(surplus, []);
      const read = await one.history(other);
      assert.deepEqual(idsOf(read), idsOf(stored));
    }
  }

  /** Everybody of these pairs listens from now on. */
  async listen() {
    this.sockets = new Map();
    for (const person of new Set(this.pairs.flat())) {
      const socket = person.socket({ transports: ["websocket"] });
      await seesOnline(socket, [...this.sockets.keys(), person]);
      this.sockets.set(person, socket);
    }
  }

  /** Whoever listened has heard everything once; with `all` false, nothing twice. */
  async heard({ all = true } = {}) {
    for (const [person, socket] of this.sockets) {
      const wanted = this.clients.filter(({ to }) => to === person).flatMap(({ acknowledged }) => [...acknowledged.keys()]);
      const missing = () => { const got = new Set(texts(socket)); return wanted.filter((text) => !got.has(text)); };
      if (all) await until(() => missing().length === 0, () => `newMessage of ${missing().length} messages, such as ${missing().slice(0, 3)}`, 10_000);
      const got = texts(socket);
      assert.equal(new Set(got).size, got.length, `heard twice: ${got.filter((text, i) => got.indexOf(text) !== i).slice(0, 5)}`);
      socket.disconnect();
    }
  }

  // Reads go on as well: a whole answer, a 503, or one that was cut in its middle (a history is sent page by page).
  async #read() {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; !this.stopped; i++) {
      const [one, other] = this.pairs[i % this.pairs.length];
      const path = i % 2 ? "/api/users" : `/api/messages/${other.id}`;
      const answer = await call(agent, this.server, "GET", path, { cookie: one.cookie });
      if (!answer.lost) {
        this.slowest = Math.max(this.slowest, answer.milliseconds);
        const body = parsed(answer.text);
        const good = answer.status === 200 ? Array.isArray(body) : answer.status === 503 && typeof body?.error === "string";
        if (!good) this.faults.push(`GET ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
      } else if (answer.status === undefined && !this.answersMayBeLost) this.faults.push(`GET ${path}: ${answer.lost}`);
      await sleep(50);
    }
    agent.destroy();
  }
}

const parsed = (text) => {
  try { return JSON.parse(text); } catch { return undefined; }
};

// Asks for a static file every 20 ms and remembers how long each answer took.
export class Probe {
  times = [];

  constructor(server, path = "/") {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    this.timer = setInterval(async () => {
      const answer = await call(agent, server, "GET", path);
      this.times.push(answer.status === 200 ? answer.milliseconds : Infinity);
    }, 20);
    this.agent = agent;
  }

  /** A hang is a failure; the figures are for the reader. */
  end(what) {
    clearInterval(this.timer);
    this.agent.destroy();
    const sorted = [...this.times].sort((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)];
    console.log(`# ${what}: ${sorted.length} static files, p50 ${sorted[sorted.length >> 1].toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${sorted.at(-1).toFixed(1)} ms`);
    assert.ok(p99 < 1000, `p99 of a static file was ${p99} ms`);
    return p99;
  }
}
