// What messages look and sound like: days, texts in any direction, markup, emoji, and what is read aloud. In a real Chromium.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Person } from "../people.mjs";
import { missing } from "./browser.mjs";
import { Tab, World, becomes, stored } from "./tab.mjs";
import { t } from "./texts.mjs";

const skip = missing;

test("the next morning today has become yesterday, in a tab that was left open", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const { createdAt } = (await bob.send(alice, "hello")).json;
  const browser = await world.browser(alice, { timezoneId: "UTC" });
  await browser.clock.install({ time: `${createdAt.slice(0, 10)}T23:50:00Z` });
  const tab = await Tab.at(browser, bob);
  const day = () => tab.page.locator(".day").allTextContents();
  const time = () => tab.person(bob).locator("time").textContent();
  await becomes(day, [t("date.today")], "the day above the message");
  assert.match(await time(), /^\d+:\d+$/);
  // As after a night's sleep, in which timers stood still.
  await browser.clock.setSystemTime(Date.parse(`${createdAt.slice(0, 10)}T08:00:00Z`) + 86_400_000);
  await tab.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await becomes(day, [t("date.yesterday")], "the day above the message");
  await becomes(time, t("date.yesterday"), "the time in the list");
  await world.end();
});

test("what arrives is read aloud: each message that comes by itself, and how many there are of a burst", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const browser = await world.browser(alice);
  await browser.clock.install();
  const tab = await Tab.at(browser, bob);
  await tab.page.evaluate(() => {
    const region = document.querySelector('.conversation > [aria-live="polite"]');
    window.said = [];
    new MutationObserver(() => window.said.at(-1) !== region.textContent && window.said.push(region.textContent)).observe(region, { childList: true, subtree: true, characterData: true });
  });
  const said = () => tab.page.evaluate(() => window.said);
  const first = t("messages.arrived", { name: bob.name, text: "one" });
  await bob.send(alice, "one");
  await becomes(said, [first], "what is said");
  await browser.clock.pauseAt(await tab.page.evaluate(() => Date.now() + 500)); // however long they take, it is a burst
  for (const text of ["two", "three", "four"]) {
    await bob.send(alice, text);
    await tab.row(text).waitFor();
  }
  await browser.clock.runFor(5_000);
  await becomes(said, [first, t("messages.arrivedMany.other", { count: 3, name: bob.name })], "what is said");
  await world.end();
});

const arabic = /[\u0600-\u06ff]/;

/** Whether the Arabic letter that a cut text begins with is in view. Runs in the page. */
function begins(element, letters) {
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const at = nodes.currentNode.data.search(new RegExp(letters));
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(nodes.currentNode, at);
    range.setEnd(nodes.currentNode, at + 1);
    let frame = nodes.currentNode.parentElement;
    while (getComputedStyle(frame).overflowX !== "hidden") frame = frame.parentElement;
    const [letter, view] = [range.getBoundingClientRect(), frame.getBoundingClientRect()];
    return [frame.scrollWidth > frame.clientWidth ? "cut" : "whole", letter.left >= view.left - 1 && letter.right <= view.right + 1 ? "begins" : "begins out of view"].join(", ");
  }
  return "no such letter";
}

test("names and texts from right to left are cut off at their end, not at their beginning", { skip }, async () => {
  const name = "ليلى حداد بنت عبد الرحمن بن محمد الهاشمي القرشي المكية";
  const world = await World.of("alice", name);
  const [alice, layla] = world.people;
  const narrow = { viewport: { width: 320, height: 640 } };
  const [alices, laylas] = [await world.browser(alice, narrow), await world.browser(layla, narrow)];
  const how = (tab, selector) => becomes(() => tab.page.locator(selector).evaluate(begins, arabic.source), "cut, begins", selector);
  const list = await Tab.at(alices);
  const row = `[data-user-id="${layla.id}"]`;
  await how(list, `${row} .person-name`);
  await how(list, `${row} .person-preview`); // the username
  await how(await Tab.at(laylas), ".corner-name strong");
  await how(await Tab.at(laylas), ".corner-name > :last-child");
  const head = await Tab.at(alices, layla);
  await how(head, ".conversation-title h1");
  await head.write(name);
  await head.shows([name]);
  await how(list, `${row} .person-preview`); // "You:" and the text
  await layla.send(alice, name);
  await head.shows([name, name]);
  await how(list, `${row} .person-preview`);
  await head.composer.fill(name);
  await list.person(layla).getByText(t("people.draft")).waitFor();
  await how(list, `${row} .person-preview`);
  await world.end();
});

test("every paragraph of a message begins at the side where its script does, and each of its lines", { skip }, async () => {
  const world = await World.of("alice", "layla");
  const [alice, layla] = world.people;
  const english = "A line that is long enough to be wrapped several times on a phone, ends short. ".repeat(2);
  const persian = "این یک متن فارسی بلند است که در یک تلفن همراه در چند خط نمایش داده می‌شود و کوتاه پایان می‌یابد. ".repeat(2);
  for (const text of [`${english}\n${persian}`, `${persian}\n${english}`]) await layla.send(alice, text);
  const tab = await world.tab(alice, layla, { viewport: { width: 390, height: 1600 } });
  await becomes(async () => (await tab.texts()).length, 2, "messages");
  // For each paragraph: how far its lines are apart at their left, and at their right.
  const sides = await tab.page.locator(".message-text").evaluateAll((texts) => texts.map(({ firstChild }) => {
    const cut = firstChild.data.indexOf("\n");
    return [[0, cut], [cut + 1, firstChild.length]].map(([from, to]) => {
      const range = document.createRange();
      range.setStart(firstChild, from);
      range.setEnd(firstChild, to);
      const lines = new Map();
      for (const { top, left, right } of range.getClientRects()) {
        const line = lines.get(top) ?? [Infinity, -Infinity];
        lines.set(top, [Math.min(left, line[0]), Math.max(right, line[1])]);
      }
      const apart = (side) => Math.max(...[...lines.values()].map((line) => line[side])) - Math.min(...[...lines.values()].map((line) => line[side]));
      return lines.size < 3 ? "too few lines" : apart(0) < 10 ? "left" : apart(1) < 10 ? "right" : `${apart(0)} and ${apart(1)}`;
    });
  }));
  assert.deepEqual(sides, [["left", "right"], ["right", "left"]]);
  await world.end();
});

test("a message that is a little too long says by how much", { skip }, async () => {
  const world = await World.of("alice", "bob");
  const [alice, bob] = world.people;
  const tab = await world.tab(alice, bob);
  const most = 100 * 1024 - 64 - 2; // without the quotes of JSON
  await tab.composer.fill("x".repeat(most + 3));
  await tab.page.getByRole("alert").getByText(t("composer.tooLong", { over: "3 bytes", limit: 100 })).waitFor();
  assert.equal(await tab.button("composer.send").isEnabled(), false);
  await tab.composer.fill("x".repeat(most));
  await tab.composer.press("Enter");
  await tab.row("xxx").and(tab.page.locator('[data-state="sent"]')).waitFor();
  await world.end();
});

/** Where a text begins to be drawn, from the left. Runs in the page. */
function left(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return Math.round(range.getBoundingClientRect().left);
}

test("names and texts from right to left stand where all the others do", { skip }, async () => {
  const world = await World.of("alice", "bob", "ليلى حداد");
  const [alice, bob, layla] = world.people;
  await bob.send(alice, "hello");
  await layla.send(alice, "شكراً");
  const list = await Tab.at(await world.browser(alice));
  for (const part of [".person-name", ".person-text"]) {
    const lefts = await Promise.all([bob, layla].map((person) => list.page.locator(`[data-user-id="${person.id}"] ${part}`).evaluate(left)));
    assert.equal(lefts[1], lefts[0], part);
  }
  await world.end();
});

test("markup and script are text, and links are links to the web only", { skip }, async () => {
  const nasty = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script><style>*{display:none}</style>`;
  const world = await World.of("alice");
  const [alice] = world.people;
  const mallory = new Person(world.server, "mallory");
  const made = await mallory.request("POST", "/api/auth/signup",
    { fullName: `Mal <b onclick="window.hacked=1">lory</b>`, username: "mallory", password: "secret1", confirmPassword: "secret1", gender: "male" });
  assert.equal(made.status, 201);
  mallory.id = made.json._id;
  const messages = [nasty, "javascript:window.hacked=1 data:text/html,<script>window.hacked=1</script>", "see https://example.org/a?b=<c>&d=1, and www.example.net (or me@example.com)."];
  for (const message of messages) await mallory.send(alice, message);
  const browser = await world.browser(alice);
  const tab = await Tab.at(browser, mallory);
  await tab.shows(messages);
  await tab.page.getByRole("heading", { name: `Mal <b onclick="window.hacked=1">lory</b>` }).waitFor();
  const links = await tab.page.locator(".message-text a").evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href"), link.target, link.rel]));
  const safely = ["_blank", "noopener noreferrer nofollow"];
  assert.deepEqual(links, [
    ["https://example.org/a?b=", "https://example.org/a?b=", ...safely],
    ["www.example.net", "https://www.example.net/", ...safely],
    ["me@example.com", "mailto:me@example.com", ...safely],
  ]);
  assert.equal(await tab.page.locator(".messages img, .messages script, .messages style, nav b, main h1 b").count(), 0);
  await tab.write(nasty);
  await tab.shows([...messages, nasty]);
  assert.equal(await tab.page.evaluate(() => window.hacked), undefined);
  await world.end();
});

test("an emoji that was chosen and deleted again is neither kept nor sent", { skip }, async () => {
  const world = await World.of("ray", "sky");
  const [ray, sky] = world.people;
  const tab = await world.tab(ray, sky);
  await tab.composer.fill("hi");
  await tab.button("composer.emoji").click();
  await tab.page.locator(".emoji-grid button").first().click();
  await becomes(async () => (await tab.composer.inputValue()).length > 2, true, "an emoji in the box");
  await becomes(() => tab.composer.evaluate((box) => document.activeElement === box && box.selectionStart === box.value.length), true, "the caret behind it");
  await tab.page.keyboard.press("Backspace");
  await becomes(() => tab.composer.inputValue(), "hi", "the box");
  await tab.page.keyboard.press("Enter");
  await tab.shows(["hi"]);
  assert.deepEqual(await stored(sky, ray), ["hi"]);
  await world.end();
});
