// What the conformance tests send and read: HTTP requests and WebSocket messages, with no client library in between.
import assert from "node:assert/strict";
import net from "node:net";

import WebSocket from "ws";

export const maxPayload = 1_000_000;

// Most tests run with timings that no slow machine can miss; those about time with short ones, whose time-outs still leave room for a busy machine.
export const calm = { pingInterval: 25_000, pingTimeout: 20_000 };
export const brisk = { pingInterval: 300, pingTimeout: 1000 };
export const flags = ({ pingInterval, pingTimeout }) => ["--ping-interval", String(pingInterval), "--ping-timeout", String(pingTimeout)];
export const separator = "\x1e";

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Rejects after `milliseconds`: a test that waits for something that never comes says so. */
export function soon(promise, what, milliseconds = 5000) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The Engine.IO end of a fixture: where it is and which protocol is spoken to it. */
export class Endpoint {
  constructor(fixture, { path = "/engine.io/", protocol = 4 } = {}) {
    this.fixture = fixture;
    this.path = path;
    this.protocol = protocol;
  }

  address(query = {}, scheme = "http") {
    return `${scheme}://127.0.0.1:${this.fixture.port}${this.path}?${new URLSearchParams(query)}`;
  }

  request(query, init = {}) {
    return soon(fetch(this.address(query), init), `an answer to ${init.method ?? "GET"} ${JSON.stringify(query)}`);
  }

  /** A polling session that is open: its handshake read. */
  async open(query = {}) {
    const session = new PollingSession(this, { EIO: this.protocol, transport: "polling", ...query });
    const response = await this.request(session.query);
    assert.equal(response.status, 200);
    const text = await response.text();
    session.handshake = JSON.parse(text.slice(text.indexOf("{")));
    session.query = { EIO: this.protocol, transport: "polling", sid: session.handshake.sid };
    return session;
  }

  websocket(query = {}, options = {}) {
    return new Peer(this.address({ EIO: this.protocol, transport: "websocket", ...query }, "ws"), options);
  }

  /** A WebSocket session that is open: its handshake read. */
  async openWebSocket(query = {}, options = {}) {
    const peer = this.websocket(query, options);
    peer.handshake = JSON.parse((await peer.next()).slice(1));
    return peer;
  }
}

export class PollingSession {
  constructor(endpoint, query) {
    this.endpoint = endpoint;
    this.query = query;
  }

  get sid() { return this.query.sid; }

  poll(init = {}) { return this.endpoint.request(this.query, init); }

  async polled() {
    const response = await this.poll();
    assert.equal(response.status, 200);
    return response.text();
  }

  post(body, init = {}) { return this.endpoint.request(this.query, { method: "POST", body, ...init }); }

  async posted(body, init = {}) {
    const response = await this.post(body, init);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "ok");
  }

  /** The session is over: nobody knows its id. */
  async assertGone() { assert.equal((await this.poll()).status, 400); }
}

/** One WebSocket whose messages wait in a queue until they are asked for: strings as strings, binary as Buffers. */
export class Peer {
  #queue = [];
  #waiting = [];

  /** @param {{heartbeat?: boolean}} options heartbeat: answers pings (Engine.IO 4) and hides them from next() */
  constructor(address, { heartbeat = false, ...options } = {}) {
    this.socket = new WebSocket(address, { perMessageDeflate: false, ...options });
    this.opened = new Promise((done) => this.socket.on("open", done));
    this.closed = new Promise((done) => {
      this.socket.on("close", (code) => done(code));
      this.socket.on("unexpected-response", (request, response) => {
        request.destroy();
        done(response.statusCode);
      });
    });
    this.socket.on("error", () => {});
    this.socket.on("message", (data, binary) => {
      const message = binary ? data : data.toString();
      if (heartbeat && message === "2") return this.socket.send("3");
      const taker = this.#waiting.shift();
      if (taker) taker(message);
      else this.#queue.push(message);
    });
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
    return this;
  }

  next(what = "a message") {
    if (this.#queue.length > 0) return Promise.resolve(this.#queue.shift());
    const closed = this.closed.then((code) => { throw new Error(`${what}: closed with ${code} instead`); });
    const message = new Promise((taker) => this.#waiting.push(taker));
    return soon(Promise.race([message, closed]), what);
  }

  /** Everything that comes until the peer closes. */
  async rest() {
    await this.assertClosed();
    return this.#queue.splice(0);
  }

  assertClosed(what = "a close") { return soon(this.closed, what); }

  /** Refused with a status, or accepted and closed at once (as the official server does for some): never a session. */
  async assertRefused() {
    const how = await this.assertClosed("a refusal");
    assert.ok(how === 400 || how >= 1002, `refused with ${how}`);
    assert.deepEqual(this.#queue.filter((message) => message[0] === "0"), []);
  }

  close() { this.socket.terminate(); }
}

/** A plain TCP connection: for requests that arrive in pieces or break off. */
export async function dial(fixture) {
  const socket = net.connect(fixture.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => { text += chunk; });
  socket.on("error", () => {});
  const ended = new Promise((done) => socket.on("close", done));
  await new Promise((done, fail) => socket.on("connect", done).on("error", fail));
  return { socket, text: () => text, ended };
}
