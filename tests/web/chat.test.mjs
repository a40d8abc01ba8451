// What people see while they write to each other: in several tabs, of several people, and in long conversations.
import assert from "node:assert/strict";
import { test } from "node:test";

import { sleep, until } from "../people.mjs";
import { missing } from "./browser.mjs";
import { Tab, World, becomes, stored } from "./tab.mjs";
import { t } from "./texts.mjs";

const skip = missing;
const tall = { viewport: { width: 1280, height: 3000 } };

test("two people, three tabs and a third person: every message is in its own conversation, everywhere, once", { skip }, async () => {
  const world = await World.of("alice", "bob", "carol");
  const [alice, bob, carol] = world.people;
  const aliceHere = await world.browser(alice);
  const aliceThere = await world.browser(alice);
  const bobs = await world.browser(bob);
  const first = await Tab.at(aliceHere, bob);
  const second = await Tab.at(aliceThere, bob);
  const third = await Tab.at(aliceHere);
  const bobsTab = await Tab.at(bobs, alice);

  const asked = first.page.waitForRequest("**/api/messages/send/*");
  await first.write("from the first tab");
  const headers = (await asked).headers();
  assert.match(headers["x-socket-id"], /./, "the socket that need not be told");
  assert.match(headers["idempotency-key"], /./);
  for (const tab of [first, second, bobsTab]) await tab.shows(["from the first tab"]);
  await bobsTab.write("from Bob");
  for (const tab of [first, second, bobsTab]) await tab.shows(["from the first tab", "from Bob"]);
  await second.write("from the second browser");
  await carol.send(alice, "from Carol to Alice");
  await carol.send(bob, "from Carol to Bob");
  await bob.send(alice, "and once more");
  const all = ["from the first tab", "from Bob", "from the second browser", "and once more"];
  for (const tab of [first, second]) {
    await tab.shows(all);
    await tab.hasUnread(carol, 1);
    await tab.person(carol).getByText("from Carol to Alice").waitFor();
  }
  await bobsTab.shows(all);
  await bobsTab.hasUnread(carol, 1);
  await third.person(bob).getByText("and once more").waitFor();
  await third.hasUnread(carol, 1);

  for (const [tab, own] of [[first, ["from the first tab", "from the second browser"]], [bobsTab, ["from Bob", "and once more"]]]) {
    const shown = await tab.messages();
    assert.deepEqual(shown.filter(({ mine }) => mine).map((message) => message.text), own);
    assert.deepEqual(shown.map(({ id }) => id), (await alice.history(bob)).map(({ _id }) => _id));
  }
  await first.choose(carol);
  await first.shows(["from Carol to Alice"]);
  await world.end();
});

test("unread messages are counted in list and title, and reading them in one tab is reading them in all", { skip }, async () => {
  const world = await World.of("alice", "bob", "carol");
  const [alice, bob, carol] = world.people;
  await bob.send(alice, "one");
  const [here, there] = [await world.browser(alice), await world.browser(alice)];
  const tabs = [await Tab.at(here), await Tab.at(here, carol), await Tab.at(there)];
  const icon = () => tabs[0].page.locator("#favicon").getAttribute("href");
  for (const tab of tabs) await tab.titled("(1) Parley");
  await until(async () => (await icon()).startsWith("data:image/png"), "a badge on the icon");
  await bob.send(alice, "two");
  await carol.send(alice, "hello");
  for (const tab of tabs) {
    await tab.hasUnread(bob, 2);
    await tab.hasUnread(carol, 0); // one of the tabs is there, and reads it
    await tab.titled("(2) Parley");
  }
  await tabs[0].choose(bob);
  await tabs[0].shows(["one", "two"]);
  for (const tab of tabs) {
    await tab.hasUnread(bob, 0);
    await tab.titled("Parley");
  }
  await becomes(icon, "/favicon.svg", "the icon");
  const [line] = (await alice.request("GET", "/api/conversations")).json.filter(({ user }) => user._id === bob.id);
  assert.equal(line.unreadCount, 0);
  await world.end();
});

test("nothing is read that nobody looks at", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const browser = await world.browser(alice);
  const tab = await Tab.at(browser, bob);
  await bob.send(alice, "hello");
  await tab.shows(["hello"]);
  const unread = async () => (await alice.request("GET", "/api/conversations")).json[0].unreadCount;
  await becomes(unread, 0, "unread messages as the server knows");
  const look = (looking) => tab.page.evaluate((focused) => {
    document.hasFocus = () => focused;
    window.dispatchEvent(new Event(focused ? "focus" : "blur"));
  }, looking);
  await look(false);
  await bob.send(alice, "are you there?");
  await bob.send(alice, "hello?");
  await tab.shows(["hello", "are you there?", "hello?"]);
  await tab.hasUnread(bob, 2);
  await tab.titled("(2) Parley");
  assert.equal(await unread(), 2);
  await look(true);
  await tab.hasUnread(bob, 0);
  await becomes(unread, 0, "unread messages as the server knows");
  await world.end();
});

test("what somebody has seen is read, also if they look away at once", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const tab = await world.tab(alice, bob);
  const unread = async () => (await alice.request("GET", "/api/conversations")).json[0].unreadCount;
  await bob.send(alice, "hello");
  await tab.shows(["hello"]);
  await becomes(unread, 0, "unread messages as the server knows");
  await tab.page.evaluate(() => new MutationObserver((_, observer) => {
    if (!document.querySelector(".messages").textContent.includes("a glance")) return;
    observer.disconnect();
    document.hasFocus = () => false;
    window.dispatchEvent(new Event("blur"));
  }).observe(document.body, { childList: true, subtree: true, characterData: true }));
  await bob.send(alice, "a glance");
  await tab.shows(["hello", "a glance"]);
  await becomes(unread, 0, "unread messages as the server knows");
  await tab.hasUnread(bob, 0);
  await bob.send(alice, "later");
  await tab.hasUnread(bob, 1);
  assert.equal(await unread(), 1);
  await world.end();
});

test("what arrives in an open conversation is read at once, also the first message of all", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const tab = await world.tab(alice, bob);
  await tab.page.getByText(t("chat.empty.title"), { exact: true }).waitFor();
  await tab.page.evaluate(() => {
    window.titles = [];
    new MutationObserver(() => window.titles.push(document.title)).observe(document.head, { childList: true, subtree: true, characterData: true });
  });
  for (const line of ["one", "two"]) {
    await bob.send(alice, line);
    await tab.row(line).waitFor();
    await becomes(async () => (await alice.request("GET", "/api/conversations")).json[0].unreadCount, 0, "unread messages as the server knows");
  }
  assert.deepEqual(await tab.page.evaluate(() => window.titles.filter((title) => title !== "Parley")), []);
  await world.end();
});

test("somebody is online until the last of their tabs is closed", { skip }, async () => {
  const world = await World.of("alice", "bob", "carol");
  const [alice, bob, carol] = world.people;
  const [here, there, bobs] = [await world.browser(alice), await world.browser(alice), await world.browser(bob)];
  const watching = await Tab.at(bobs, alice);
  await watching.sees(alice, false);
  const [first, second] = [await Tab.at(here), await Tab.at(there)];
  await watching.sees(alice, true);
  await watching.page.locator("header .is-online").waitFor();
  await first.page.close();
  // Carol comes after the tab has gone: whoever sees her has heard of that as well.
  const carols = await world.browser(carol);
  await Tab.at(carols);
  await watching.sees(carol, true);
  await watching.sees(alice, true);
  await second.page.close();
  await watching.sees(alice, false);
  await watching.sees(carol, true);
  await world.end();
});

test("messages typed quickly arrive in the order they were typed", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const [alices, bobs] = [await world.browser(alice, tall), await world.browser(bob, tall)];
  const [writing, reading] = [await Tab.at(alices, bob), await Tab.at(bobs, alice)];
  const numbers = Array.from({ length: 25 }, (_, at) => `number ${at}`);
  let release;
  let requests = 0;
  await writing.page.route("**/api/messages/send/*", async (route) => {
    if (++requests === 1) await new Promise((done) => { release = done; });
    await route.continue();
  });
  await writing.composer.focus();
  await writing.page.keyboard.type(numbers.map((line) => `${line}\n`).join(""));
  await writing.shows(numbers.map((line) => ["sending", line]));
  assert.equal(requests, 1, "none is sent before the one ahead of it is stored");
  release();
  await writing.shows(numbers);
  await reading.shows(numbers);
  assert.deepEqual(await stored(bob, alice), numbers);
  await world.end();
});

test("Shift+Enter breaks the line, Enter sends; spaces and lines are shown as written", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const browser = await world.browser(alice);
  const tab = await Tab.at(browser, bob);
  await tab.composer.focus();
  await tab.page.keyboard.press("Enter");
  await tab.page.keyboard.type("first");
  await tab.page.keyboard.press("Shift+Enter");
  await tab.page.keyboard.type("  second");
  await tab.page.keyboard.press("Enter");
  await tab.shows(["first\n  second"]);
  assert.deepEqual(await stored(bob, alice), ["first\n  second"]);
  assert.equal(await tab.composer.inputValue(), "");
  await world.end();
});

test("notes to oneself: once in every tab, never unread", { skip }, async () => {
  const world = await World.of("alice");
  const [alice] = world.people;
  const [here, there] = [await world.browser(alice), await world.browser(alice)];
  const [first, second, list] = [await Tab.at(here, alice), await Tab.at(there, alice), await Tab.at(there)];
  await second.write("milk");
  await first.shows(["milk"]);
  await first.write("bread"); // last of all: the list is of the other browser
  for (const tab of [first, second]) await tab.shows(["milk", "bread"]);
  await list.person(alice).getByText("bread").waitFor();
  await list.hasUnread(alice, 0);
  await list.titled("Parley");
  assert.deepEqual(await stored(alice, alice), ["milk", "bread"]);
  await world.end();
});

test("each conversation has its own draft, also after a reload and in another tab", { skip }, async () => {
  const world = await World.of("alice", "bob", "carol");
  const [alice, bob, carol] = world.people;
  const browser = await world.browser(alice);
  const tab = await Tab.at(browser, bob);
  const draft = (wanted, where = tab) => becomes(() => where.composer.inputValue(), wanted, "the draft");
  await tab.composer.fill("for Bob");
  await tab.choose(carol);
  await draft("");
  await tab.composer.fill("for Carol");
  await tab.person(bob).getByText(t("people.draft")).waitFor();
  await tab.choose(bob);
  await draft("for Bob");
  await tab.page.reload();
  await draft("for Bob");
  const other = await Tab.at(browser, carol);
  await draft("for Carol", other);
  await other.composer.press("Enter");
  await other.shows(["for Carol"]);
  await tab.person(carol).getByText(t("people.draft")).waitFor({ state: "detached" });
  await tab.choose(carol);
  await draft("");
  await tab.shows(["for Carol"]);
  await tab.choose(bob);
  await draft("for Bob");
  assert.deepEqual(await stored(bob, alice), []);
  await world.end();
});

test("a long history is read upwards, page by page, without moving what is read and without a gap", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const count = 170;
  for (let at = 0; at < count; at++) await (at % 3 ? bob.send(alice, `number ${at}`) : alice.send(bob, at % 9 ? `number ${at}` : `number ${at}\nwith\nmore lines`));
  await alice.send(bob, "the end");
  const all = (await alice.history(bob)).map(({ _id }) => _id);
  const browser = await world.browser(alice);
  const held = [];
  await browser.route("**/api/messages/*before=*", (route) => new Promise((done) => held.push(() => done(route.continue()))));
  const tab = await Tab.at(browser, bob);
  await tab.row("the end").waitFor();
  const seen = new Set();
  const top = tab.page.locator(".messages-top");

  for (let pages = 1; await top.getAttribute("data-older") !== "none"; pages++) {
    await until(async () => {
      await climb(tab, seen);
      return held.length === 1;
    }, `a request for page ${pages + 1}`, 30_000);
    await tab.page.getByText(t("messages.loadingOlder")).waitFor();
    // Some wait for the page in the middle of what there is, others have gone up as far as it goes.
    if (pages % 2) await tab.page.locator(".messages").evaluate((list) => { list.scrollTop = 0; });
    const before = await settled(tab);
    held.pop()();
    await until(async () => await top.getAttribute("data-older") !== "loading", "the page", 30_000);
    const place = await settled(tab, before.id);
    assert.ok(Math.abs(place.top - before.top) <= 2, `${before.text} has moved from ${before.top} to ${place.top}`);
    assert.equal(held.length, 0, "one request at a time");
  }
  await until(async () => {
    await climb(tab, seen);
    return seen.has(all[0]);
  }, "the first message", 30_000);
  await tab.page.getByText(t("messages.beginning")).waitFor();
  assert.deepEqual(all.filter((id) => !seen.has(id)), [], "messages that were never shown");
  await world.end();
});

/** Goes up by less than what is in the document, and notes what is. */
async function climb(tab, seen) {
  for (const { id } of await tab.messages()) seen.add(id);
  await tab.page.locator(".messages").evaluate((list) => { list.scrollBy(0, -200); });
}

/** Where the row of `id` is, or the first one in view, when it has stopped moving. */
async function settled(tab, id) {
  let last;
  return until(async () => {
    const now = await tab.page.locator(".messages").evaluate((list, wanted) => new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const edge = list.getBoundingClientRect().top;
        const row = [...list.querySelectorAll("[data-key]")].find((one) => (wanted ? one.dataset.messageId === wanted : one.getBoundingClientRect().top > edge + 100));
        done(row && { id: row.dataset.messageId, text: row.textContent, top: Math.round(row.getBoundingClientRect().top) });
      }));
    }), id);
    const same = now && JSON.stringify(now) === JSON.stringify(last);
    last = now;
    return same && now;
  }, "the list to stand still");
}

test("what is new is marked, and the end is one button away", { skip }, async () => {
  const world = await World.of("alice", "bob", "carol");
  const [alice, bob, carol] = world.people;
  for (let at = 0; at < 40; at++) await bob.send(alice, `old ${at}`);
  await alice.send(bob, "I have read all that");
  for (let at = 0; at < 30; at++) await bob.send(alice, `new ${at}`);
  const [browser, elsewhere] = [await world.browser(alice), await world.browser(alice)];
  const [tab, other] = [await Tab.at(browser), await Tab.at(elsewhere)];
  await other.hasUnread(bob, 30);
  const marks = [];
  tab.page.on("request", (request) => { if (request.method() === "PUT") marks.push(request.url()); });
  await tab.choose(bob);
  await tab.page.getByText(t("messages.unread"), { exact: true }).waitFor();
  assert.match(await tab.page.locator(".new-marker + [data-key]").innerText(), /^new 0\b/);
  await tab.jump.waitFor();
  await bob.send(alice, "while you read");
  await tab.page.getByText(t("messages.jumpCount.one", { count: 1 }), { exact: true }).waitFor();
  await other.hasUnread(bob, 31);
  await sleep(600); // longer than a mark waits: none may be set, since nobody has been at the end
  await other.hasUnread(bob, 31);
  assert.deepEqual(marks, []);
  await tab.jump.click();
  await tab.row("while you read").waitFor();
  await tab.jump.waitFor({ state: "detached" });
  await other.hasUnread(bob, 0);
  await bob.send(alice, "and the end stays in view");
  await tab.row("and the end stays in view").waitFor();
  await other.hasUnread(bob, 0);
  await tab.choose(carol);
  await tab.choose(bob);
  await tab.row("and the end stays in view").waitFor();
  assert.equal(await tab.page.locator(".new-marker").count(), 0);
  await world.end();
});
