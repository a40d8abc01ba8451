// People for tests: accounts made over REST, and the official clients they use.
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { after } from "node:test";

import { jwtSecret, killAll } from "./support.mjs";

const { io } = createRequire(import.meta.url)("socket.io-client");

// A test that fails leaves its server behind, and the runner would wait for it.
after(() => { setTimeout(killAll, 5000).unref(); });

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits until `condition()` is truthy and returns that; fails after `milliseconds`, saying what did not come (a text, or a function that makes it). */
export async function until(condition, what, milliseconds = 10_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${milliseconds} ms in vain: ${typeof what === "function" ? what() : what}`);
    await sleep(10);
  }
}

/** A token as the server makes them, for anybody. */
export function forgeToken(userId, { lifetime = 3600, secret = jwtSecret, ...claims } = {}) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ userId, iat: now, exp: now + lifetime, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** One person: an account, the cookie of a login, and what can be done with it. */
export class Person {
  static async signUp(server, name, password = "secret1") {
    const person = new Person(server, name);
    const reply = await person.request("POST", "/api/auth/signup", {
      fullName: name, username: name, password, confirmPassword: password, gender: "female",
    });
    if (reply.status !== 201) throw new Error(`sign-up of ${name}: ${reply.status} ${reply.text}`);
    person.id = reply.json._id;
    return person;
  }

  constructor(server, name) {
    this.server = server;
    this.name = name;
    this.cookie = "";
  }

  /** Another login of the same account. */
  async logInAgain(password = "secret1") {
    const other = new Person(this.server, this.name);
    const reply = await other.request("POST", "/api/auth/login", { username: this.name, password });
    if (reply.status !== 200) throw new Error(`log-in of ${this.name}: ${reply.status} ${reply.text}`);
    other.id = reply.json._id;
    return other;
  }

  async request(method, path, body, headers = {}) {
    const response = await fetch(this.server.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(this.cookie ? { Cookie: this.cookie } : {}), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const set = response.headers.getSetCookie?.() ?? [];
    for (const line of set) {
      const value = /^jwt=([^;]*)/.exec(line)?.[1];
      if (value !== undefined) this.cookie = value ? `jwt=${value}` : "";
    }
    const text = await response.text();
    let json;
    try { json = JSON.parse(text); } catch { /* not JSON */ }
    return { status: response.status, headers: response.headers, text, json };
  }

  send(to, message, headers = {}) {
    return this.request("POST", `/api/messages/send/${to.id}`, { message }, headers);
  }

  async history(other) {
    const reply = await this.request("GET", `/api/messages/${other.id}`);
    if (reply.status !== 200) throw new Error(`history: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  logOut() {
    return this.request("POST", "/api/auth/logout", {});
  }

  /** A socket of this person's; `cookieOn` "websocket" leaves the cookie out of polling, as a page of another port does. */
  socket({ transports, cookieOn, auth, query, anonymous, ...options } = {}) {
    const names = transports ?? ["polling", "websocket"];
    const cookie = anonymous ? {} : { Cookie: this.cookie };
    const transportOptions = Object.fromEntries(names.map((name) =>
      [name, { extraHeaders: cookieOn && cookieOn !== name ? {} : cookie }]));
    const socket = io(this.server.url, {
      forceNew: true, transports: names, transportOptions, auth, query: query ?? { userId: this.id }, reconnection: false, ...options,
    });
    socket.inbox = [];
    socket.onAny((...event) => socket.inbox.push(event));
    return socket;
  }
}

export const events = (socket, name) => socket.inbox.filter(([event]) => event === name).map(([, ...args]) => args);
export const texts = (socket) => events(socket, "newMessage").map(([message]) => message.message);
export const online = (socket) => events(socket, "getOnlineUsers").at(-1)?.[0];

/** Waits until the socket's online list is exactly these people. */
export function seesOnline(socket, people, milliseconds) {
  const wanted = JSON.stringify(people.map(({ id }) => id).sort());
  return until(() => JSON.stringify([...(online(socket) ?? [])].sort()) === wanted,
    () => `online list ${wanted}, is ${JSON.stringify(online(socket))}`, milliseconds);
}

export const connected = (socket) => until(() => socket.connected, "the socket connects");
export const transport = (socket) => socket.io.engine?.transport?.name;
