// What a person needs who sees little, or nothing, or otherwise, or has no mouse: every screen, judged by axe-core and by hand.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { Person, until } from "../people.mjs";
import { complaints, missing, sizes } from "./browser.mjs";
import { serveScreens, Stage, walk } from "./screens.mjs";
import { t, textsOf } from "./texts.mjs";
import { userId } from "./world.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const kTags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const kColourRules = ["color-contrast", "link-in-text-block"];
const german = textsOf("de");
const options = { skip: missing, timeout: 170_000 };

let server;
before(async () => { if (!missing) server = await serveScreens(); });
after(() => server?.stop());

/** What axe-core finds, one line each. */
async function violations(page, runOnly) {
  await page.evaluate(`window.axe ?? (() => { ${axe} })()`);
  const found = await page.evaluate(async (only) => {
    const result = await window.axe.run(document, { runOnly: only, resultTypes: ["violations"] });
    return result.violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`)]);
  }, runOnly);
  return found.flatMap(([id, nodes]) => nodes.slice(0, 3).map((node) => `${id}: ${node}`));
}

async function colours(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  const background = colorScheme === "dark" ? "rgb(17, 24, 26)" : "rgb(244, 241, 234)";
  await until(() => page.evaluate((wanted) => getComputedStyle(document.body).backgroundColor === wanted && document.getAnimations().every(({ playState }) => playState !== "running"),
    background), `colours that are ${colorScheme}`);
}

async function none(stage) {
  for (const context of stage.contexts) assert.deepEqual(await complaints(context), []);
  await stage.close();
}

for (const [size, viewport] of Object.entries(sizes)) {
  test(`axe-core finds nothing on any screen, ${size}, light and dark`, options, async () => {
    const phone = size === "phone" ? { hasTouch: true, isMobile: true } : {};
    const stage = await Stage.open(server, { viewport, reducedMotion: "reduce", ...phone });
    const found = [];
    await walk(stage, async (page, name) => {
      await colours(page, "light");
      found.push(...(await violations(page, { type: "tag", values: kTags })).map((line) => `${name}: ${line}`));
      await colours(page, "dark"); // nothing but the colours is another
      found.push(...(await violations(page, { type: "rule", values: kColourRules })).map((line) => `${name}, dark: ${line}`));
    });
    assert.deepEqual(found, []);
    await none(stage);
  });
}

test("the colours are the system's, or those chosen, from the first thing drawn", options, async () => {
  const backgrounds = { light: "rgb(244, 241, 234)", dark: "rgb(17, 24, 26)" };
  for (const [colorScheme, choice] of [["light", "system"], ["light", "light"], ["light", "dark"], ["dark", "system"], ["dark", "light"], ["dark", "dark"]]) {
    const stage = await Stage.open(server, { colorScheme });
    const page = stage.door;
    await page.addInitScript((theme) => {
      localStorage.setItem("parley:settings", JSON.stringify({ theme }));
      new MutationObserver((_, observer) => {
        if (!document.querySelector("#root > *")) return;
        window.first = getComputedStyle(document.body).backgroundColor;
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    }, choice);
    await page.goto("/signin");
    await page.getByRole("heading", { name: t("signIn.title") }).waitFor();
    const wanted = backgrounds[choice === "system" ? colorScheme : choice];
    const found = await page.evaluate(() => [window.first, getComputedStyle(document.body).backgroundColor]);
    assert.deepEqual(found, [wanted, wanted], `${choice} on a system that is ${colorScheme}`);
    await none(stage);
  }
});

/** The colours' declarations, [selector, name, value]: those of all browsers, and those for browsers without light-dark(). Runs in the page. */
function tokens() {
  const inside = (list) => [...list].flatMap((rule) => [rule, ...(rule instanceof CSSSupportsRule ? [] : inside(rule.cssRules ?? []))]);
  const declared = ({ selectorText, style }) => (selectorText?.startsWith(":root") ?
    [...style].filter((name) => name.startsWith("--")).map((name) => [selectorText, name, style.getPropertyValue(name)]) : []);
  const rules = [...document.styleSheets].flatMap((sheet) => inside(sheet.cssRules));
  const old = rules.filter((rule) => rule instanceof CSSSupportsRule && rule.conditionText.includes("light-dark"));
  return { all: rules.flatMap(declared), old: old.flatMap((rule) => inside(rule.cssRules)).flatMap(declared) };
}

/** The colours among the values, as the browser shows them under a scheme. Runs in the page. */
function shown({ values, scheme }) {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.colorScheme = scheme;
  const colours = values.map((value) => {
    probe.style.color = CSS.supports("color", value) ? value : "";
    return probe.style.color && getComputedStyle(probe).color;
  });
  probe.remove();
  return colours;
}

test("each colour has its light and its dark value in one place", options, async () => {
  const stage = await Stage.open(server, {});
  await stage.door.goto("/signin");
  const { all, old } = await stage.door.evaluate(tokens);
  const names = all.map(([, name]) => name);
  assert.ok(names.length > 20);
  assert.deepEqual(names, [...new Set(names)]);

  // What is made of them for browsers that do not know how to choose.
  const pairs = all.filter(([, , value]) => value.includes("light-dark("));
  const schemes = { ":root": "light", ':root[data-theme="dark"]': "dark", ':root:not([data-theme="light"])': "dark" };
  for (const [selector, scheme] of Object.entries(schemes)) {
    const made = old.filter(([where]) => where === selector);
    assert.deepEqual(made.map(([, name]) => name), pairs.map(([, name]) => name), selector);
    const [expected, actual] = await Promise.all([pairs, made].map((list) =>
      stage.door.evaluate(shown, { values: list.map(([, , value]) => value), scheme })));
    assert.ok(expected.filter(Boolean).length > 20);
    assert.deepEqual(actual, expected, selector);
  }
  await none(stage);
});

/** What sticks out of the page, or of a list, sideways; texts that are cut off on purpose end in an ellipsis and do not count. */
function sideways(page) {
  return page.evaluate(() => {
    const found = [];
    const describe = (element) => `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className}`;
    const scrolled = [document.scrollingElement, ...document.querySelectorAll(".messages, .people, .dialog-body, .emoji-grid, .messages-none, .pane")];
    for (const element of scrolled) {
      if (element.scrollWidth > element.clientWidth) found.push(`${describe(element)} is ${element.clientWidth} px wide, its content ${element.scrollWidth}`);
    }
    for (const element of document.querySelectorAll("body *")) {
      const { left, right, width, height } = element.getBoundingClientRect();
      if (width <= 1 || height <= 1 || element.closest(".visually-hidden, .skip, svg") || element.closest("bdi, .person-preview, .segment")) continue;
      if (left < -1 || right > innerWidth + 1) found.push(`${describe(element)} is at ${Math.round(left)} to ${Math.round(right)} of ${innerWidth}`);
    }
    return found.slice(0, 5);
  });
}

const moving = () => document.getAnimations().filter(({ playState }) => playState === "running").map((animation) => animation.animationName ?? animation.transitionProperty);

/** Every screen in each of these, in German, whose words are longer: { name: [width, height, direction] }. */
const kShapes = {
  "320 px wide": [320, 640, "ltr"],
  "320 px wide, from right to left": [320, 640, "rtl"],
  "1280 × 800 at 200 %": [640, 400, "ltr"],
  "from right to left": [1280, 800, "rtl"],
};
test("nothing sticks out sideways, and nothing moves for people who have asked for that", options, async () => {
  const stage = await Stage.open(server, { reducedMotion: "reduce", locale: "de-DE", texts: german });
  const found = [];
  await walk(stage, async (page, screen) => {
    for (const [shape, [width, height, direction]] of Object.entries(kShapes)) {
      await page.setViewportSize({ width, height });
      await page.evaluate((dir) => { document.documentElement.dir = dir; }, direction);
      let left;
      await until(async () => (left = await sideways(page)).length === 0, "room", 3000).catch(() => found.push(...left.map((line) => `${screen}, ${shape}: ${line}`)));
    }
    await until(async () => (await page.evaluate(moving)).length === 0, `nothing moves: ${screen}`);
    await page.evaluate(() => { document.documentElement.dir = "ltr"; });
  });
  assert.deepEqual(found, []);
  await none(stage);
  // The second check can see what it looks for.
  const other = await Stage.open(server, { reducedMotion: "no-preference" });
  await walk(other, async (page) => assert.deepEqual(await page.evaluate(moving), ["breathe"]), ["loading"]);
  await none(other);
});

test("a page from right to left is mirrored", options, async () => {
  const stage = await Stage.open(server, {});
  const left = (selector) => stage.chat.locator(selector).first().evaluate((element) => element.getBoundingClientRect().left);
  await stage.inside.addInitScript(() => addEventListener("DOMContentLoaded", () => { document.documentElement.dir = "rtl"; }));
  const page = await stage.conversation(1);
  await page.locator('[data-mine="true"] .bubble').first().waitFor();
  assert.ok(await left(".sidebar") > await left(".pane"));
  assert.ok(await left(".search .icon") > await left(".search input"));
  const middle = await page.locator(".messages").evaluate((list) => list.getBoundingClientRect().left + list.clientWidth / 2);
  for (const [mine, side] of [["true", -1], ["false", 1]]) {
    const bubble = await page.locator(`[data-mine="${mine}"] .bubble`).last().boundingBox();
    assert.ok(Math.sign(bubble.x + bubble.width / 2 - middle) === side, `mine=${mine}: ${JSON.stringify(bubble)}, ${middle}`);
  }
  await none(stage);
});

test("at 400 % there is room to read and to write", options, async () => {
  const stage = await Stage.open(server, { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 });
  const page = await stage.conversation(1);
  await page.locator("[data-message-id]").last().waitFor();
  const box = async (selector) => (await page.locator(selector).boundingBox());
  const [messages, composer] = [await box(".messages"), await box(".composer")];
  assert.ok(messages.height >= 80, `the messages have ${messages.height} px`);
  assert.ok(composer.y + composer.height <= 256);
  const list = await stage.people();
  assert.ok((await list.locator(".people").boundingBox()).height >= 72, "a person is in view");
  assert.deepEqual(await sideways(page), []);
  await none(stage);
});

test("letters of twice the size are not cut off", options, async () => {
  const stage = await Stage.open(server, { reducedMotion: "reduce" });
  for (const context of stage.contexts) await context.addInitScript(() => addEventListener("DOMContentLoaded", () => { document.documentElement.style.fontSize = "200%"; }));
  const found = [];
  await walk(stage, async (page, screen) => {
    found.push(...(await sideways(page)).map((line) => `${screen}: ${line}`), ...(await cutOff(page)).map((line) => `${screen}: ${line}`));
  }, ["sign in, refused", "people", "messages in all states", "settings", "help", "empty conversation"]);
  assert.deepEqual(found, []);
  await none(stage);
});

/** Boxes whose text is taller than they are. */
function cutOff(page) {
  return page.evaluate(() => [...document.querySelectorAll("button, a, label, h1, h2, p, .person, .bubble, .segment span, .badge")]
    .filter((element) => element.clientHeight > 1 && element.scrollHeight > element.clientHeight + 2 && !element.closest(".visually-hidden") && getComputedStyle(element).overflowY !== "auto")
    .map((element) => `${element.tagName.toLowerCase()}.${element.className} is ${element.clientHeight} px high, its content ${element.scrollHeight}`));
}

/** Whether a person can see where the focus is: an outline or a ring around the element, what it labels, or the box it is in. */
function focusInfo() {
  const element = document.activeElement;
  if (!element || element === document.body) return { lost: true };
  const drawn = (node) => {
    const style = node && getComputedStyle(node);
    if (!style) return false;
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const ring = matchMedia("(forced-colors: active)").matches ? false : /0px 0px 0px 1px/.test(style.boxShadow);
    return outline || ring;
  };
  const around = element.matches("input, textarea") ? element.parentElement : null;
  const within = element.querySelector?.(".bubble");
  const item = element.getAttribute("role") === "menuitem" && getComputedStyle(element).backgroundColor !== getComputedStyle(element.parentElement).backgroundColor;
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return {
    what: `${element.tagName.toLowerCase()}.${element.className} ${element.getAttribute("aria-label") ?? element.textContent.slice(0, 30)}`,
    shown: [element, around, element.type === "radio" ? element.nextElementSibling : null, within].some(drawn) || item,
    inView: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
}

async function press(page, keys) {
  await page.keyboard.press(keys);
  // What takes the focus may have to be brought into view, or into the document, first.
  await until(async () => {
    const { shown, inView } = await page.evaluate(focusInfo);
    return shown && inView;
  }, `the focus after ${keys}`, 5000).catch(async (error) => assert.fail(`${error.message} ${JSON.stringify(await page.evaluate(focusInfo))}`));
}

/** Tab until that has the focus. */
async function tabTo(page, locator, keys = "Tab") {
  const target = await locator.elementHandle();
  for (let count = 0; count < 40; count++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await press(page, keys);
  }
  assert.fail("Tab does not get there");
}

const focused = (locator) => locator.evaluate((element) => element.ownerDocument.activeElement === element);
const waitFocused = (page, locator, what) => until(() => focused(locator), `the focus on ${what}`);

for (const forcedColors of ["none", "active"]) {
  test(`everything can be done with the keyboard${forcedColors === "active" ? ", and seen in forced colours" : ""}`, options, async () => {
    const name = forcedColors === "none" ? "Karla Keys" : "Frida Forced";
    const person = await Person.signUp(server, name);
    const stage = await Stage.open(server, { reducedMotion: "reduce", forcedColors, permissions: ["clipboard-read", "clipboard-write"] });
    const page = stage.door;
    const composer = page.getByLabel(t("composer.label"), { exact: true });

    // In.
    await page.goto("/");
    await waitFocused(page, page.getByLabel(t("field.username"), { exact: true }), "the first field");
    await page.keyboard.type(name);
    await tabTo(page, page.getByLabel(t("field.password"), { exact: true }));
    await page.keyboard.type("secret1");
    await page.keyboard.press("Enter");
    await page.locator("[data-user-id]").first().waitFor();

    // To a person by Ctrl+K, and write.
    await press(page, "Control+k");
    await waitFocused(page, page.getByLabel(t("people.search")), "the search");
    await page.keyboard.type("bob br");
    await until(async () => (await page.locator("[data-user-id]").count()) === 1 && page.locator(`[data-user-id="${userId(1)}"]`).isVisible(), "Bob alone in the list");
    await press(page, "ArrowDown");
    await waitFocused(page, page.locator(`[data-user-id="${userId(1)}"] a`), "the person found");
    await page.keyboard.press("Enter");
    await waitFocused(page, composer, "the box to write in");
    await page.keyboard.type("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("more");
    await page.keyboard.press("Enter");
    for (const text of ["two", "three"]) {
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
    }
    await page.locator('[data-state="sent"]').nth(2).waitFor();
    assert.deepEqual((await person.history(stage.bob)).map(({ message }) => message), ["one\nmore", "two", "three"]);

    // Through the messages, and copy one.
    await tabTo(page, page.locator("[data-message-id]").last(), "Shift+Tab");
    await press(page, "ArrowUp");
    await press(page, "ArrowUp");
    assert.ok(await focused(page.locator("[data-message-id]").first()));
    await press(page, "ArrowDown");
    await press(page, "Home");
    await press(page, "Enter");
    await waitFocused(page, page.getByRole("menuitem", { name: t("messages.copy") }), "the first item of the menu");
    await press(page, "Escape");
    assert.ok(await focused(page.locator("[data-message-id]").first()), "the message has the focus again");
    assert.equal(await page.locator(".conversation").count(), 1, "Esc closed the menu only");
    await press(page, "Enter");
    await waitFocused(page, page.getByRole("menuitem", { name: t("messages.copy") }), "the first item of the menu");
    await press(page, "Enter");
    await page.getByText(t("messages.copied")).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "one\nmore");

    // Emoji.
    await tabTo(page, page.getByRole("button", { name: t("composer.emoji") }));
    await press(page, "Enter");
    await waitFocused(page, page.getByLabel(t("emoji.search")), "the search for emoji");
    await page.keyboard.type("grinning");
    await page.locator(".emoji-grid button").first().waitFor();
    await press(page, "ArrowDown");
    await press(page, "ArrowRight");
    await press(page, "Escape");
    await waitFocused(page, page.getByRole("button", { name: t("composer.emoji") }), "the button that opened the emoji");
    await press(page, "Enter");
    await waitFocused(page, page.getByLabel(t("emoji.search")), "the search for emoji");
    await page.keyboard.type("party");
    await page.locator(".emoji-grid button").first().waitFor();
    await press(page, "Enter");
    await waitFocused(page, composer, "the box to write in");
    assert.match(await composer.inputValue(), /\p{Emoji}/u);
    await composer.fill("");

    // To the neighbours in the list, and back to it.
    await press(page, "Control+k");
    await waitFocused(page, page.getByLabel(t("people.search")), "the search");
    await press(page, "Escape"); // what was searched for
    await until(async () => (await page.getByLabel(t("people.search")).inputValue()) === "", "an empty search");
    await page.locator("[data-user-id]").nth(3).waitFor();
    const address = () => new URL(page.url()).pathname;
    await press(page, "Alt+ArrowDown");
    await until(() => address() !== `/c/${userId(1)}`, "the next conversation");
    await waitFocused(page, composer, "the box to write in");
    await press(page, "Alt+ArrowUp");
    await until(() => address() === `/c/${userId(1)}`, "the one before");
    await waitFocused(page, composer, "the box to write in");
    await page.keyboard.type("begun");
    await press(page, "Escape");
    assert.equal(address(), "/");
    await waitFocused(page, page.locator(`[data-user-id="${userId(1)}"] a`), "the person whose conversation was left");
    for (const keys of ["ArrowDown", "PageDown", "End", "Home"]) await press(page, keys);
    await waitFocused(page, page.locator("a.person").first(), "the first person");
    // Scrolled away by other means, it stays where it is.
    await page.locator(".people").evaluate((list) => { list.scrollTop = list.scrollHeight; });
    await page.locator("[data-user-id]").getByText("Person 34", { exact: true }).waitFor();
    assert.ok(await focused(page.locator("a.person").first()), "the focus stays with the first person");
    await press(page, "Home");

    // Help and settings.
    await press(page, "?");
    await page.getByRole("dialog", { name: t("help.title") }).waitFor();
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const settings = page.getByRole("button", { name: t("menu.settings") });
    await tabTo(page, settings);
    await press(page, "Enter");
    const dialog = page.getByRole("dialog", { name: t("settings.title") });
    await dialog.waitFor();
    await tabTo(page, dialog.getByRole("radio", { name: t("settings.theme.system") }).first());
    await press(page, "ArrowRight");
    await press(page, "ArrowRight");
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await tabTo(page, dialog.getByRole("switch", { name: t("settings.sound") }));
    await press(page, "Space");
    assert.equal(await dialog.getByRole("switch", { name: t("settings.sound") }).isChecked(), false);
    for (let count = 0; count < 12; count++) {
      await press(page, "Tab");
      assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)), "the focus stays in the dialog");
    }
    await press(page, "Escape");
    await waitFocused(page, settings, "the button that opened the settings");

    // And out.
    const signOut = page.getByRole("button", { name: t("menu.signOut") });
    await tabTo(page, signOut);
    await page.keyboard.press("Enter");
    const question = page.getByRole("dialog", { name: t("signOut.title") }); // about what was begun above
    await question.waitFor();
    await press(page, "Escape");
    await waitFocused(page, signOut, "the button that signs out");
    await page.keyboard.press("Enter");
    await tabTo(page, question.getByRole("button", { name: t("signOut.remove") }));
    await page.keyboard.press("Enter");
    await waitFocused(page, page.getByLabel(t("field.username"), { exact: true }), "the first field");
    await none(stage);
  });
}
