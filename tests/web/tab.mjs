// People in their tabs: what they do, and what is on their screens. Waits for what it is told to see; never sleeps.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";

import { Person, until } from "../people.mjs";
import { Server, freshFolder } from "../support.mjs";
import { browserOf, complaints, freshBrowser } from "./browser.mjs";
import { t } from "./texts.mjs";

/** Waits until `read()` is deeply equal to `wanted`; a failure shows what it was last. */
export async function becomes(read, wanted, what, milliseconds = 30_000) {
  let last;
  await until(async () => JSON.stringify(last = await read()) === JSON.stringify(wanted),
    () => `${what}: wanted ${JSON.stringify(wanted)}, is ${JSON.stringify(last)}`, milliseconds);
}

/** A server, people who have accounts there, and the browsers that they use. */
export class World {
  static async of(...names) {
    const world = new World();
    world.dataDir = freshFolder();
    world.browsers = [];
    world.server = await world.#server();
    world.people = [];
    for (const name of names) world.people.push(await Person.signUp(world.server, name));
    return world;
  }

  #server(port) {
    return Server.start({ dataDir: this.dataDir, port, flags: ["--rate-limits", "off"] });
  }

  /** A browser with a login of its own, which is `browser.login`; without `person` nobody is signed in. */
  async browser(person, options) {
    const login = await person?.logInAgain();
    const browser = await (login ? browserOf(this.server, login, options) : freshBrowser(this.server, options));
    browser.login = login;
    this.browsers.push(browser);
    return browser;
  }

  /** A tab of a browser of its own, connected, in the conversation with `other` or at the list. */
  async tab(person, other, options) {
    return Tab.at(await this.browser(person, options), other);
  }

  /** kill -9 */
  kill() {
    return this.server.kill();
  }

  /** On the same port and the same data. */
  async restart() {
    this.server = await this.#server(this.server.port);
  }

  /** No tab has complained of anything. */
  async end() {
    for (const browser of this.browsers) {
      assert.deepEqual(await complaints(browser), []);
      await browser.close();
    }
    await this.server.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** One tab of the client. */
export class Tab {
  static async open(browser, path = "/") {
    const tab = new Tab(await browser.newPage());
    await tab.page.goto(path);
    return tab;
  }

  constructor(page) {
    this.page = page;
    this.composer = page.getByRole("textbox", { name: t("composer.label"), exact: true });
    this.banner = page.locator("[data-connection]");
    this.jump = page.getByRole("button", { name: t("messages.jump") });
  }

  /** A tab that is connected, in the conversation with `person` or at the list. */
  static async at(browser, person) {
    const tab = await Tab.open(browser, person ? `/c/${person.id}` : "/");
    await tab.connected();
    if (person) await tab.composer.waitFor();
    return tab;
  }

  button(key) {
    return this.page.getByRole("button", { name: t(key), exact: true });
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  /** Chooses somebody in the list of people. */
  async choose(person) {
    await this.person(person).locator("a").click();
    await until(() => this.path() === `/c/${person.id}`, `the conversation with ${person.name}`);
    await this.composer.waitFor();
  }

  async write(message) {
    await this.composer.fill(message);
    await this.composer.press("Enter");
  }

  /** The rows in the document: all of a short conversation, the ones near the view of a long one. */
  messages() {
    return this.page.locator("[data-key]").evaluateAll((rows) => rows.map((row) => ({
      id: row.dataset.messageId, text: row.querySelector(".message-text").textContent, state: row.dataset.state, mine: row.dataset.mine === "true",
    })));
  }

  async texts() {
    return (await this.messages()).map((message) => message.text);
  }

  /** Exactly these messages, in this order, none of them waiting. */
  shows(wanted, milliseconds) {
    return becomes(async () => (await this.messages()).map((message) => (message.state === "sent" ? message.text : [message.state, message.text])),
      wanted, "messages", milliseconds);
  }

  row(message) {
    return this.page.locator("[data-key]").filter({ hasText: message });
  }

  person({ id }) {
    return this.page.locator(`[data-user-id="${id}"]`);
  }

  unread(person) {
    return this.person(person).evaluateAll(([row]) => Number(row?.querySelector("[data-unread]")?.dataset.unread ?? 0));
  }

  hasUnread(person, count) {
    return becomes(() => this.unread(person), count, `unread messages of ${person.name}`);
  }

  sees(person, online) {
    return becomes(() => this.person(person).getByText(`, ${t("people.online")}`, { exact: true }).count(), online ? 1 : 0, `${person.name} online`);
  }

  titled(title) {
    return becomes(() => this.page.title(), title, "the title");
  }

  /** Waits for one of the states of the connection. */
  connection(...phases) {
    let last;
    return until(async () => phases.includes(last = await this.banner.getAttribute("data-connection")), () => `connection ${phases}, is ${last}`, 60_000);
  }

  connected() {
    return this.connection("online", "back");
  }

  fill(key, value) {
    return this.page.getByLabel(t(key), { exact: true }).fill(value);
  }

  async signIn(username, password = "secret1") {
    await this.fill("field.username", username);
    await this.fill("field.password", password);
    await this.button("signIn.submit").click();
  }

  async signUp(username, { fullName = username, password = "secret1", confirmPassword = password } = {}) {
    await this.fill("field.fullName", fullName);
    await this.fill("field.username", username);
    await this.fill("field.password", password);
    await this.fill("field.confirmPassword", confirmPassword);
    await this.page.getByRole("radio", { name: t("field.gender.female"), exact: true }).check();
    await this.button("signUp.submit").click();
  }
}

/** Both people's history as the server has it. */
export async function stored(person, other) {
  return (await person.history(other)).map(({ message }) => message);
}
