// Signing up, in and out, and what happens when a login ends while somebody writes.
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";

import { Person, until } from "../people.mjs";
import { missing, sizes } from "./browser.mjs";
import { Tab, World, becomes, stored } from "./tab.mjs";
import { t } from "./texts.mjs";

const skip = missing;

const at = (tab, path) => until(() => tab.path() === path, () => `${path}, is ${tab.path()}`);
const says = (tab, key) => tab.page.getByText(t(key), { exact: true }).waitFor();

test("somebody signs up, signs out, and signs in again", { skip }, async () => {
  const world = await World.of();
  const browser = await world.browser();
  const tab = await Tab.open(browser);
  await at(tab, "/signin");
  await tab.button("signIn.submit").waitFor();
  assert.equal(await tab.page.getByText(t("signIn.expired")).count(), 0, "nobody was signed in here");
  await tab.page.getByRole("link", { name: t("signIn.toSignUp") }).click();
  await at(tab, "/signup");

  await tab.signUp("ada", { fullName: "Ada Lovelace", password: "short" });
  await says(tab, "check.passwordShort");
  await tab.signUp("ada", { fullName: "Ada Lovelace", confirmPassword: "another1" });
  await says(tab, "check.passwordsDiffer");
  await tab.signUp("ada", { fullName: "Ada Lovelace" });
  await at(tab, "/");
  await tab.connected();
  await tab.page.locator(".corner").getByText("Ada Lovelace").waitFor();
  const invitation = tab.page.getByText(world.server.url, { exact: true }).filter({ visible: true });
  for (const size of [sizes.phone, sizes.desktop]) {
    await tab.page.setViewportSize(size);
    await becomes(() => invitation.count(), 1, "how to invite others");
  }
  await Person.signUp(world.server, "ben");
  await tab.page.reload();
  await says(tab, "chat.none.title");
  assert.equal(await invitation.count(), 0);

  await tab.button("menu.signOut").click();
  await at(tab, "/signin");
  await tab.button("signIn.submit").waitFor();
  assert.equal(await tab.page.getByText(t("signIn.expired")).count(), 0, "whoever signs out is not told that the session has ended");
  await tab.page.reload();
  await tab.button("signIn.submit").waitFor();
  await tab.signIn("ada");
  await at(tab, "/");
  await tab.connected();
  await tab.page.reload();
  await tab.connected();
  assert.equal(tab.path(), "/");
  await world.end();
});

test("what the forms refuse is said, and what was filled in stays", { skip }, async () => {
  const world = await World.of("taken");
  const browser = await world.browser();
  const tab = await Tab.open(browser, "/signup");
  await tab.signUp("taken");
  await says(tab, "error.usernameTaken");
  assert.equal(await tab.page.getByLabel(t("field.username"), { exact: true }).inputValue(), "taken");

  await tab.page.getByRole("link", { name: t("signUp.toSignIn") }).click();
  await tab.button("signIn.submit").click();
  await says(tab, "check.username");
  for (const name of ["taken", "nobody"]) {
    await tab.signIn(name, "wrong password");
    await tab.page.getByRole("alert").getByText(t("error.credentials"), { exact: true }).waitFor();
  }
  assert.equal(await tab.page.getByLabel(t("field.username"), { exact: true }).inputValue(), "nobody");
  await tab.page.route("**/api/auth/login", (route) => route.abort());
  await tab.signIn("taken");
  await says(tab, "error.network");
  await tab.page.unroute("**/api/auth/login");
  await tab.signIn("taken");
  await at(tab, "/");
  await world.end();
});

test("too many attempts: how long to wait counts down, and is read aloud once", { skip }, async () => {
  const world = await World.of("mia");
  const browser = await world.browser();
  const tab = await Tab.open(browser, "/signin");
  await tab.page.route("**/api/auth/login", (route) => route.fulfill({ status: 429, headers: { "Retry-After": "58" }, json: { error: "Too many" } }));
  await tab.page.clock.install();
  await tab.signIn("mia");
  const shown = tab.page.locator('[role="alert"] [aria-hidden="true"]:not(svg)');
  const spoken = tab.page.locator('[role="alert"] .visually-hidden');
  await becomes(() => spoken.textContent(), t("error.tooManyIn", { seconds: 58 }), "what is read aloud");
  await tab.page.clock.runFor(5_000);
  await becomes(async () => /\b5[0-3]\b/.test(await shown.textContent()), true, "less than before");
  assert.equal(await spoken.textContent(), t("error.tooManyIn", { seconds: 58 }));
  await tab.page.clock.runFor(60_000);
  for (const text of [shown, spoken]) await becomes(() => text.textContent(), t("error.tooManyOver"), "the end of the wait");
  await world.end();
});

test("shortcuts are for those with a keyboard, licences for all", { skip }, async () => {
  const world = await World.of("noa");
  const [noa] = world.people;
  for (const [options, buttons] of [[{ viewport: sizes.phone, hasTouch: true, isMobile: true }, 0], [{}, 1]]) {
    const tab = await world.tab(noa, undefined, options);
    await tab.button("menu.settings").waitFor();
    assert.equal(await tab.button("menu.help").count(), buttons);
    await tab.button("menu.settings").click();
    await tab.page.getByRole("link", { name: t("settings.licences") }).waitFor();
  }
  await world.end();
});

test("password managers find their fields", { skip }, async () => {
  const world = await World.of();
  const browser = await world.browser();
  const tab = await Tab.open(browser, "/signin");
  const fields = () => tab.page.locator("form input:not([type=radio])").evaluateAll((inputs) => inputs.map(({ name, type, autocomplete }) => [name, type, autocomplete]));
  await tab.button("signIn.submit").waitFor();
  assert.deepEqual(await fields(), [["username", "text", "username"], ["password", "password", "current-password"]]);
  await tab.page.goto("/signup");
  await tab.button("signUp.submit").waitFor();
  assert.deepEqual(await fields(), [["fullName", "text", "name"], ["username", "text", "username"], ["password", "password", "new-password"],
    ["confirmPassword", "password", "new-password"]]);
  await world.end();
});

test("a link to a conversation leads there after signing in", { skip }, async () => {
  const world = await World.of("guest", "host");
  const [guest, host] = world.people;
  await host.send(guest, "come in");
  const browser = await world.browser();
  const tab = await Tab.open(browser, `/c/${host.id}`);
  await at(tab, "/signin");
  await tab.button("signIn.submit").waitFor();
  await tab.page.reload(); // the address knows where to
  await tab.page.getByRole("link", { name: t("signIn.toSignUp") }).click();
  await tab.page.getByRole("link", { name: t("signUp.toSignIn") }).click();
  await tab.signIn("guest");
  await at(tab, `/c/${host.id}`);
  await tab.shows(["come in"]);
  await world.end();
});

test("a login that ends while somebody writes: the draft and the unsent message wait for them, and for nobody else", { skip }, async () => {
  const world = await World.of("anna", "ben", "eve");
  const [anna, ben, eve] = world.people;
  const browser = await world.browser(anna);
  await browser.route("**/api/messages/send/*", (route) => route.abort());
  const tab = await Tab.at(browser, ben);
  await tab.write("on its way");
  await tab.shows([["sending", "on its way"]]);
  await tab.composer.fill("half a thou");
  await browser.login.logOut();

  await says(tab, "signIn.expired");
  await at(tab, "/signin");
  assert.equal(await tab.page.getByText("half a thou").count(), 0);
  await browser.unroute("**/api/messages/send/*");

  await tab.signIn("eve");
  await tab.connected();
  await tab.person(ben).locator("a").waitFor();
  assert.equal(await tab.page.getByText("half a thou").count(), 0, "another person's draft");
  await tab.page.goto(`/c/${ben.id}`);
  await tab.composer.waitFor();
  await says(tab, "chat.empty.title");
  assert.equal(await tab.composer.inputValue(), "");
  assert.deepEqual(await tab.texts(), []);
  await tab.button("menu.signOut").click();
  await at(tab, "/signin");

  await tab.signIn("anna");
  await tab.connected();
  await tab.choose(ben);
  await becomes(() => tab.composer.inputValue(), "half a thou", "the draft");
  await tab.shows(["on its way"]);
  assert.deepEqual(await stored(ben, anna), ["on its way"]);
  assert.deepEqual(await stored(ben, eve), []);
  await world.end();
});

test("a login that ended while the page was closed is told as well", { skip }, async () => {
  const world = await World.of("cleo", "dan");
  const [cleo, dan] = world.people;
  const browser = await world.browser(cleo);
  const tab = await Tab.at(browser, dan);
  await tab.composer.fill("kept");
  await tab.page.goto("about:blank");
  await browser.login.logOut();
  await tab.page.goto(`/c/${dan.id}`);
  await says(tab, "signIn.expired");
  await tab.signIn("cleo");
  await at(tab, `/c/${dan.id}`);
  await becomes(() => tab.composer.inputValue(), "kept", "the draft");
  await world.end();
});

test("signing out and in is for all tabs of the browser", { skip }, async () => {
  const world = await World.of("fay", "gus");
  const [fay, gus] = world.people;
  const browser = await world.browser(fay);
  const [first, second] = [await Tab.at(browser), await Tab.at(browser, gus)];
  await second.composer.fill("not yet sent");
  await becomes(() => first.person(gus).getByText(t("people.draft")).count(), 1, "the draft in the other tab");
  await first.button("menu.signOut").click();
  const asked = first.page.getByRole("dialog", { name: t("signOut.title") });
  await asked.getByRole("button", { name: t("signOut.stay"), exact: true }).click();
  await asked.waitFor({ state: "detached" });
  assert.equal(await second.composer.inputValue(), "not yet sent");
  await first.button("menu.signOut").click();
  await asked.getByRole("button", { name: t("signOut.remove"), exact: true }).click();
  await at(first, "/signin");
  await says(second, "signIn.elsewhere");
  const left = await first.page.evaluate(() => Object.keys(localStorage).filter((key) => /draft|outbox/.test(key)));
  assert.deepEqual(left, [], "nothing for whoever uses this browser next");
  await first.signIn("fay");
  await first.connected();
  await second.connected();
  await at(second, `/c/${gus.id}`);
  await second.composer.waitFor();
  assert.equal(await second.composer.inputValue(), "");
  await world.end();
});

test("somebody else's cookie, of which the page has heard nothing: no message goes out in their name, and what waits is its owner's", { skip }, async () => {
  const world = await World.of("hana", "ivo", "june");
  const [hana, ivo, june] = world.people;
  const browser = await world.browser(hana);
  const tab = await Tab.at(browser, ivo);
  await tab.write("mine");
  await tab.shows(["mine"]);
  const cookieOf = async (person) => {
    const [name, value] = (await person.logInAgain()).cookie.split("=");
    await browser.addCookies([{ name, value, url: world.server.url, httpOnly: true, sameSite: "Strict" }]);
  };
  await browser.route("**/api/messages/send/*", (route) => route.abort());
  await tab.write("queued");
  await tab.shows(["mine", ["sending", "queued"]]);
  await cookieOf(june);
  await browser.unroute("**/api/messages/send/*");
  await tab.write("written by hana");

  const corner = tab.page.locator(".corner");
  await corner.getByText("june").first().waitFor();
  await tab.connected();
  assert.equal(tab.path(), "/");
  assert.deepEqual(await stored(ivo, june), []);
  assert.deepEqual(await stored(ivo, hana), ["mine"]);
  await tab.choose(ivo);
  await says(tab, "chat.empty.title");

  await cookieOf(hana);
  await tab.button("menu.signOut").click(); // it is not june's page any more
  await corner.getByText("hana").first().waitFor();
  await tab.choose(ivo);
  await tab.shows(["mine", "queued", "written by hana"]);
  assert.deepEqual(await stored(ivo, hana), ["mine", "queued", "written by hana"]);
  assert.deepEqual(await stored(ivo, june), []);
  assert.equal((await browser.request.get("/api/auth/me")).status(), 200, "nobody was signed out");
  await world.end();
});

test("a server that comes back without the account: the session has ended, and what was written is kept", { skip }, async () => {
  const world = await World.of("kim", "lou");
  const [kim, lou] = world.people;
  const browser = await world.browser(kim);
  const tab = await Tab.at(browser, lou);
  await tab.write("before");
  await tab.shows(["before"]);
  await world.kill();
  await tab.connection("offline");
  await tab.write("unsent");
  await tab.composer.fill("half a thou");
  rmSync(world.dataDir, { recursive: true, force: true });
  mkdirSync(world.dataDir);
  await world.restart();
  await says(tab, "signIn.expired");
  const kept = await tab.page.evaluate(() => Object.entries(localStorage).filter(([key]) => /draft|outbox/.test(key)).map(([, value]) => value));
  assert.equal(kept.length, 2);
  assert.ok(kept.includes("half a thou"));
  assert.equal(JSON.parse(kept.find((value) => value.includes("unsent"))).failed, undefined);
  await world.end();
});
