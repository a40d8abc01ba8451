// What goes wrong on the way, and that nothing is lost, doubled, or shown otherwise than it is.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { until } from "../people.mjs";
import { missing } from "./browser.mjs";
import { Tab, World, becomes, stored } from "./tab.mjs";
import { t } from "./texts.mjs";

const skip = missing;
const tall = { viewport: { width: 1280, height: 3000 } };
const sends = "**/api/messages/send/*";
const refused = (route) => route.abort("connectionrefused");

/** All tabs show what is stored, by id and in that order, and nothing waits. */
async function agree(person, other, ...tabs) {
  for (const tab of tabs) {
    await becomes(async () => (await tab.messages()).map(({ id, state }) => [id, state]),
      (await person.history(other)).map(({ _id }) => [_id, "sent"]), "messages as stored");
  }
}

// Two at a time: most of the time they wait.
describe("trouble", { concurrency: 2, skip }, () => {
  test("the server is killed while two people write, and comes back: nothing lost, nothing doubled, drafts kept", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const alices = await world.tab(alice, bob, tall);
    const second = await world.tab(alice, bob, tall);
    const bobs = await world.tab(bob, alice, tall);
    const count = 24;
    const written = (name) => Array.from({ length: count }, (_, at) => `${name} ${at}`);
    const write = async (tab, name, reached) => {
      for (const [at, line] of written(name).entries()) {
        await tab.write(line);
        reached(at);
      }
      await tab.composer.fill(`${name} is still thinking`);
    };
    // Killed after the first third has been written, and started again not before one of them has seen it and written the second.
    let most = 0;
    const writing = Promise.all([write(alices, "Alice", (at) => { most = Math.max(most, at); }), write(bobs, "Bob", (at) => { most = Math.max(most, at); })]);
    await until(() => most >= count / 3, "a third of the messages", 30_000);
    await world.kill();
    await Promise.all([alices.connection("offline"), bobs.connection("offline")]);
    await alices.page.getByText(t("connection.unreachable")).waitFor();
    await until(() => most >= 2 * count / 3, "two thirds of the messages", 30_000);
    await world.restart();
    await writing;
    await Promise.all([alices, second, bobs].map((tab) => tab.connected()));

    const wanted = [...written("Alice"), ...written("Bob")].sort();
    await becomes(async () => (await stored(alice, bob)).sort(), wanted, "what is stored", 60_000);
    const order = await stored(alice, bob);
    for (const name of ["Alice", "Bob"]) assert.deepEqual(order.filter((line) => line.startsWith(name)), written(name));
    await agree(alice, bob, alices, second, bobs);
    assert.equal(await alices.composer.inputValue(), "Alice is still thinking");
    assert.equal(await bobs.composer.inputValue(), "Bob is still thinking");
    await alices.connection("online");
    await world.end();
  });

  test("offline for a moment: messages wait and are sent once, those of others are fetched", async () => {
    const world = await World.of("alice", "bob", "carol");
    const [alice, bob, carol] = world.people;
    const tab = await world.tab(alice, bob);
    const bobs = await world.tab(bob, alice);
    await tab.write("before");
    await bobs.shows(["before"]);

    await tab.sees(bob, true);
    const claims = tab.page.locator(".conversation-head").getByText(new RegExp(`^(${t("people.online")}|${t("people.offline")})$`));
    await claims.waitFor();

    await tab.page.context().setOffline(true);
    await tab.connection("offline");
    await tab.page.getByText(t("connection.offline")).waitFor();
    await tab.sees(bob, false);
    assert.equal(await claims.count(), 0, "nobody can tell");
    await tab.write("while away");
    await tab.write("and more");
    await bobs.write("Bob meanwhile");
    await carol.send(alice, "hello from Carol");
    await tab.shows(["before", ["sending", "while away"], ["sending", "and more"]]);
    await bobs.shows(["before", "Bob meanwhile"]);
    await tab.person(bob).getByText(t("people.pending")).waitFor();

    await tab.page.context().setOffline(false);
    await tab.connected();
    const all = ["before", "Bob meanwhile", "while away", "and more"];
    for (const one of [tab, bobs]) await one.shows(all);
    await tab.hasUnread(carol, 1);
    assert.deepEqual(await stored(alice, bob), all);
    await agree(alice, bob, tab, bobs);
    await world.end();
  });

  test("offline while the server is started anew: there is nothing to recover, and all is fetched", async () => {
    const world = await World.of("alice", "bob", "carol");
    const [alice, bob, carol] = world.people;
    const tab = await world.tab(alice, bob, tall);
    await tab.write("before");
    await tab.shows(["before"]);
    await tab.choose(carol);
    await tab.choose(bob);
    await tab.page.context().setOffline(true);
    await tab.connection("offline");
    await world.kill();
    await world.restart();
    const missed = Array.from({ length: 30 }, (_, at) => `missed ${at}`);
    for (const line of missed) await bob.send(alice, line);
    await carol.send(alice, "from Carol");
    await tab.write("while away");

    await tab.page.context().setOffline(false);
    await tab.connected();
    await tab.shows(["before", ...missed, "while away"]);
    await tab.hasUnread(carol, 1);
    await tab.choose(carol); // seen before it was offline: what was missed there comes when it is opened
    await tab.shows(["from Carol"]);
    await agree(alice, bob, await world.tab(bob, alice, tall));
    await world.end();
  });

  test("an answer that is lost after the message was stored: the message is there once", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const bobs = await world.tab(bob, alice);
    const tab = await world.tab(alice, bob);
    const keys = [];
    await tab.page.route(sends, async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      await route.fetch();
      await (keys.length <= 2 ? route.abort("connectionreset") : route.fallback());
    });
    await tab.write("only once");
    await tab.write("and then this");
    await tab.shows(["only once", "and then this"]);
    assert.equal(new Set(keys.slice(0, 3)).size, 1, "the same key each time");
    for (const one of [tab, bobs]) await one.shows(["only once", "and then this"]);
    assert.deepEqual(await stored(alice, bob), ["only once", "and then this"]);
    await tab.page.reload();
    await tab.shows(["only once", "and then this"]);
    await world.end();
  });

  test("a message that the server refuses says so, can be tried again or discarded, and holds up no other", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const tab = await world.tab(alice, bob);
    const refusing = (status, error) => (route) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify({ error }) });
    await tab.page.route(sends, refusing(400, "The server dislikes this"));
    await tab.write("disliked");
    await tab.row("disliked").getByText("The server dislikes this").waitFor();
    await tab.page.unroute(sends);
    await tab.page.route(sends, refusing(413, "More than the server takes"));
    await tab.write("too large");
    await tab.row("too large").getByText("More than the server takes").waitFor();
    await tab.shows([["failed", "disliked"], ["failed", "too large"]]);
    await tab.page.reload();
    await tab.shows([["failed", "disliked"], ["failed", "too large"]]);
    assert.deepEqual(await stored(alice, bob), []);

    await tab.page.unroute(sends);
    await tab.write("passes");
    await tab.shows(["passes", ["failed", "disliked"], ["failed", "too large"]]);
    await tab.row("too large").getByRole("button", { name: t("messages.discard"), exact: true }).click();
    await tab.row("disliked").getByRole("button", { name: t("messages.retry"), exact: true }).click();
    await tab.shows(["passes", "disliked"]);
    assert.deepEqual(await stored(alice, bob), ["passes", "disliked"]);
    await tab.page.reload();
    await tab.shows(["passes", "disliked"]);
    await world.end();
  });

  test("too many messages at once, or a server in trouble: they wait and go on by themselves", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const tab = await world.tab(alice, bob);
    const answers = [{ status: 429, headers: { "Retry-After": "1" } }, { status: 503 }, { status: 502, contentType: "text/html", body: "<h1>Bad Gateway</h1>" }];
    const given = [];
    await tab.page.route(sends, (route) => {
      const answer = answers[given.length];
      given.push(answer?.status);
      return answer ? route.fulfill({ contentType: "application/json", body: '{"error":"later"}', ...answer }) : route.continue();
    });
    await tab.write("patient");
    await tab.write("also patient");
    await tab.shows(["patient", "also patient"]);
    assert.deepEqual(given.slice(0, 3), [429, 503, 502]);
    assert.deepEqual(await stored(alice, bob), ["patient", "also patient"]);
    await world.end();
  });

  test("a reload with messages that wait: they are still there, and are sent once, in order", async () => {
    const world = await World.of("alice", "bob", "carol");
    const [alice, bob, carol] = world.people;
    const tab = await world.tab(alice, bob);
    const browser = tab.page.context();
    await browser.route(sends, refused);
    const waiting = ["first", "second", "third"];
    for (const line of waiting) await tab.write(line);
    await tab.choose(carol);
    await tab.write("for Carol");
    await tab.shows([["sending", "for Carol"]]);
    await tab.page.reload();
    await tab.shows([["sending", "for Carol"]]);
    await tab.choose(bob);
    await tab.shows(waiting.map((line) => ["sending", line]));
    await browser.unroute(sends);
    await tab.page.reload();
    await tab.shows(waiting);
    await tab.choose(carol);
    await tab.shows(["for Carol"]);
    assert.deepEqual(await stored(alice, bob), waiting);
    assert.deepEqual(await stored(alice, carol), ["for Carol"]);
    await world.end();
  });

  test("a full storage: people are told, the tab asks before it closes, and neither once there is room", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const tab = await world.tab(alice, bob);
    const notice = tab.page.getByRole("status").filter({ hasText: t("storage.refused") });
    // Whether the tab asked; it stays open if it did.
    const close = async () => {
      const asked = tab.page.waitForEvent("dialog").then((dialog) => dialog.dismiss().then(() => dialog.type()), () => "closed");
      const closed = tab.page.waitForEvent("close").then(() => "closed", () => "closed");
      await tab.page.close({ runBeforeUnload: true });
      return Promise.race([asked, closed]);
    };
    await tab.page.evaluate(() => {
      for (let size = 1 << 20, at = 0; size >= 1; at++) {
        try { localStorage.setItem(`filler${at}`, "x".repeat(size)); } catch { size >>= 1; }
      }
    });
    await tab.composer.fill("a draft");
    await notice.waitFor();
    await tab.page.context().route(sends, refused);
    await tab.write("not stored");
    await tab.shows([["sending", "not stored"]]);
    assert.equal(await close(), "beforeunload");
    await tab.shows([["sending", "not stored"]]);

    await tab.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("filler")).forEach((key) => localStorage.removeItem(key)));
    await notice.waitFor({ state: "detached" });
    await tab.page.reload();
    await tab.shows([["sending", "not stored"]]);
    await tab.page.context().unroute(sends);
    await tab.shows(["not stored"]);
    assert.equal(await close(), "closed");
    await world.end();
  });

  test("two tabs of one browser share what waits: each shows it once, and it is sent once even if both send it", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const bobs = await world.tab(bob, alice);
    const writing = await world.tab(alice, bob);
    const browser = writing.page.context();
    const other = await Tab.at(browser, bob);
    const held = [];
    await writing.page.route(sends, (route) => new Promise((done) => held.push(() => done(route.continue()))));
    await writing.write("slow");
    for (const tab of [writing, other]) await tab.shows([["sending", "slow"]]);
    await bobs.shows(["slow"]); // the other tab has sent it
    assert.equal(held.length, 1);
    held[0]();
    for (const tab of [writing, other]) await tab.shows(["slow"]);
    await writing.page.unroute(sends);

    await browser.route(sends, refused);
    await writing.write("left behind");
    await other.shows(["slow", ["sending", "left behind"]]);
    await writing.page.close();
    await browser.unroute(sends);
    await other.shows(["slow", "left behind"]);
    await bobs.shows(["slow", "left behind"]);
    assert.deepEqual(await stored(alice, bob), ["slow", "left behind"]);
    await world.end();
  });

  test("events that come twice and in the wrong order are harmless", async () => {
    const world = await World.of("alice", "bob", "carol");
    const [alice, bob, carol] = world.people;
    const browser = await world.browser(alice);
    const held = [];
    let release;
    await browser.routeWebSocket(/socket\.io/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((packet) => {
        if (!/^42.*"(newMessage|messageSent)"/.test(packet)) return socket.send(packet);
        held.push(packet);
      });
      release = () => [...held].reverse().flatMap((packet) => [packet, packet]).forEach((packet) => socket.send(packet));
    });
    const tab = await Tab.at(browser, bob);
    await tab.connected();
    for (let at = 0; held.length === 0; at++) { // until events come by WebSocket
      await bob.send(alice, `beginning ${at}`);
      await until(async () => held.length > 0 || (await tab.texts()).includes(`beginning ${at}`), "an event");
    }
    const first = await stored(alice, bob);
    await carol.send(alice, "from Carol");
    const lines = ["one", "two", "three"];
    for (const line of lines) await bob.send(alice, line);
    await alice.send(bob, "from another device");
    await carol.send(alice, "again from Carol");
    await until(() => held.length === 7, () => `seven events, are ${held.length}`);
    release();
    await tab.shows([...first, ...lines, "from another device"]);
    await tab.hasUnread(carol, 2);
    await tab.person(carol).getByText("again from Carol").waitFor();
    release();
    await bob.send(alice, "the end");
    await until(() => held.length === 8, "the last event");
    release();
    await tab.shows([...first, ...lines, "from another device", "the end"]);
    await tab.hasUnread(carol, 2);
    await agree(alice, bob, tab);
    await world.end();
  });

  test("without WebSocket everything works over polling", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    const browser = await world.browser(alice);
    let refusals = 0;
    await browser.routeWebSocket(/.*/, (socket) => { refusals++; return socket.close(); });
    const tab = await Tab.at(browser, bob);
    const bobs = await world.tab(bob, alice);
    await tab.sees(bob, true);
    await tab.write("over polling");
    await bobs.shows(["over polling"]);
    await bobs.write("back");
    await tab.shows(["over polling", "back"]);
    await until(() => refusals > 0, "an attempt to upgrade");
    await bobs.write("after the attempt");
    await tab.shows(["over polling", "back", "after the attempt"]);
    await world.kill();
    await tab.connection("offline");
    await tab.write("meanwhile");
    await world.restart();
    await tab.shows(["over polling", "back", "after the attempt", "meanwhile"]);
    await bobs.shows(["over polling", "back", "after the attempt", "meanwhile"]);
    await agree(alice, bob, tab, bobs);
    await world.end();
  });

  test("a page that is opened while the server is away comes up with it", async () => {
    const world = await World.of("alice", "bob");
    const [alice, bob] = world.people;
    await bob.send(alice, "hello");
    const browser = await world.browser(alice);
    await browser.route("**/api/**", refused);
    await browser.route("**/socket.io/**", refused);
    const tab = await Tab.open(browser, `/c/${bob.id}`);
    await tab.page.getByLabel(t("app.loading")).waitFor();
    await tab.page.getByRole("status").getByText(t("app.unanswered")).waitFor();
    await tab.button("connection.retryNow").click();
    await browser.unroute("**/api/**");
    await tab.composer.waitFor();
    await tab.shows(["hello"]); // the socket is still refused
    await tab.connection("offline", "connecting");
    await browser.unroute("**/socket.io/**");
    await tab.connected();
    await bob.send(alice, "welcome");
    await tab.shows(["hello", "welcome"]);
    await world.end();
  });
});
