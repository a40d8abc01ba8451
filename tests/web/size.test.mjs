// Large things stay quick: a conversation of 10,000 messages, 1,000 people, and the size of the page itself. Times are printed, not judged.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { sleep } from "../people.mjs";
import { scaled } from "../support.mjs";
import { browserOf, complaints, freshBrowser, missing } from "./browser.mjs";
import { t } from "./texts.mjs";
import { messageId, personOf, serveWorld, userId } from "./world.mjs";

const options = { skip: missing, timeout: 170_000 };
const kMessages = scaled(10_000, 500);
const kPeople = 1_000;
const kMostRows = 80; // of either list in the document, whatever the size of the window
const kMostJavaScript = 170 * 1024;
const kPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
  + "manifest-src 'self'; media-src 'self' data:; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const nameOf = (number) => `Person ${String(number).padStart(4, "0")}`;

let server;
let alice;
before(async () => {
  if (missing) return;
  const began = Date.now() - kMessages * 60_000;
  server = await serveWorld({
    people: Array.from({ length: kPeople }, (_, number) => ({ name: nameOf(number) })),
    messages: Array.from({ length: kMessages }, (_, number) => ({
      from: Math.floor(number / 3) % 2, to: 1 - (Math.floor(number / 3) % 2), text: `${number}: ${"some words of a message ".repeat(number % 7)}`, at: began + number * 60_000,
    })),
    flags: ["--rate-limits", "off"],
  });
  alice = personOf(server, 0, nameOf(0));
});
after(() => server?.stop());

/** An answer as it travels. */
function raw(path, headers = {}) {
  return new Promise((done, failed) => {
    http.get(server.url + path, { headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }).on("error", failed);
  });
}

test("the page carries its policy, nothing inline, and at most 170 KB of JavaScript", options, async (context) => {
  for (const path of ["/", "/signin", `/c/${userId(1)}`]) {
    const { status, headers, body } = await raw(path, { accept: "text/html" });
    assert.equal(status, 200);
    assert.equal(headers["content-security-policy"], kPolicy);
    assert.equal(headers["content-security-policy-report-only"], undefined);
    assert.equal(headers["x-content-type-options"], "nosniff");
    const html = body.toString();
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) assert.match(tag, / src="\/[^/]/);
    assert.doesNotMatch(html, /<style\b|\sstyle=|\son\w+=|javascript:|https?:/i);
  }
  const page = (await raw("/", { accept: "text/html" })).body.toString();
  const names = new Set([...page.matchAll(/"(\/assets\/[^"]+\.js)"/g)].map(([, name]) => name));
  let [packed, whole] = [0, 0];
  for (const name of names) { // grows on the way: parts name other parts
    const { status, headers, body } = await raw(name, { "accept-encoding": "gzip" });
    assert.equal(status, 200);
    assert.equal(headers["content-encoding"], "gzip");
    const text = (await raw(name)).body;
    assert.ok(body.length <= gzipSync(text).length * 1.02, `${name} is packed well`);
    packed += body.length;
    whole += text.length;
    for (const [, other] of text.toString().matchAll(/[./"'](?:assets\/)?([\w-]+\.js)["']/g)) {
      if ((await raw(`/assets/${other}`)).headers["content-type"]?.includes("javascript")) names.add(`/assets/${other}`);
    }
  }
  assert.ok(names.size >= 2, "the part with the emoji is among them");
  context.diagnostic(`${names.size} files of JavaScript: ${(packed / 1024).toFixed(1)} KB of gzip, ${(whole / 1024).toFixed(0)} KB unpacked`);
  assert.ok(packed <= kMostJavaScript, `${packed} bytes of gzip`);
});

test("first paint", options, async (context) => {
  const paints = [];
  for (const path of ["/signin", `/c/${userId(1)}`]) {
    const tabs = await (path === "/signin" ? freshBrowser(server) : browserOf(server, alice));
    const page = await tabs.newPage();
    await page.goto(path);
    const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    paints.push(`${path.slice(0, 7)} ${Math.round(await paint.jsonValue())} ms`);
    assert.deepEqual(await complaints(tabs), []);
    await tabs.close();
  }
  context.diagnostic(`first contentful paint, with nothing cached: ${paints.join(", ")}`);
});

/** Scrolls the element by itself, frame by frame, to its beginning; says how that went. Runs in the page. */
async function scrollUp({ step, last }) {
  const list = document.querySelector(".messages");
  const { top, bottom } = list.getBoundingClientRect();
  const frames = [];
  const result = { most: 0, empty: 0, jumps: [], frames: 0 };
  const rows = () => [...list.querySelectorAll("[data-message-id]")];
  const seen = (row) => { const box = row.getBoundingClientRect(); return box.bottom > top && box.top < bottom; };
  const nextFrame = () => new Promise((done) => requestAnimationFrame((time) => setTimeout(() => done(time)))); // after it was painted
  let before = await nextFrame();
  const number = (row) => Number(row.textContent.split(":")[0]);
  let lowest = Infinity;
  for (;;) {
    const now = await nextFrame();
    frames.push(now - before);
    before = now;
    const all = rows();
    const inView = all.filter(seen);
    result.most = Math.max(result.most, all.length);
    if (inView.length === 0) result.empty++;
    else {
      // In order, without a gap, and never back towards the end.
      const numbers = inView.map(number);
      if (numbers.some((value, index) => index > 0 && value !== numbers[index - 1] + 1)) result.jumps.push(`${numbers}`);
      if (numbers[0] > lowest + 1) result.jumps.push(`back to ${numbers[0]} from ${lowest}`);
      lowest = Math.min(lowest, numbers[0]);
    }
    if (list.scrollTop === 0 && list.querySelector('[data-older="none"]') && inView.some((row) => row.dataset.messageId === last)) break;
    list.scrollTop -= step;
  }
  frames.sort((a, b) => a - b);
  return { ...result, frames: frames.length, slow: frames.filter((frame) => frame > 50).length, worst: frames.at(-1), median: frames[frames.length >> 1] };
}

test(`a conversation of ${kMessages} messages scrolls from its end to its beginning`, options, async (context) => {
  const tabs = await browserOf(server, alice);
  const page = await tabs.newPage();
  await page.goto(`/c/${userId(1)}`);
  await page.locator(`[data-message-id="${messageId(kMessages - 1)}"]`).waitFor();
  const result = await page.evaluate(scrollUp, { step: 600, last: messageId(0) });
  context.diagnostic(`${result.frames} frames, ${((100 * result.slow) / result.frames).toFixed(1)} % of them over 50 ms; median ${result.median.toFixed(0)} ms, worst ${result.worst.toFixed(0)} ms; `
    + `at most ${result.most} of ${kMessages} messages in the document`);
  assert.ok(result.most <= kMostRows, `${result.most} rows`);
  assert.equal(result.empty, 0, "views without a message");
  assert.deepEqual(result.jumps, [], "views out of order");
  await page.getByText(t("messages.beginning")).waitFor();
  await page.getByRole("button", { name: t("messages.jump") }).click();
  await page.waitForFunction((id) => {
    const row = document.querySelector(`[data-message-id="${id}"]`);
    return row && row.getBoundingClientRect().bottom <= document.querySelector(".messages").getBoundingClientRect().bottom;
  }, messageId(kMessages - 1));
  assert.deepEqual(await complaints(tabs), []);
  await tabs.close();
});

test(`a list of ${kPeople} people: scrolled to its end, and searched`, options, async () => {
  const tabs = await browserOf(server, alice);
  const page = await tabs.newPage();
  await page.goto("/");
  await page.locator("[data-user-id]").nth(5).waitFor();
  const lastOne = nameOf(kPeople - 1);
  let most = 0;
  for (;;) {
    const { rows, done, empty } = await page.evaluate((name) => {
      const list = document.querySelector(".people");
      list.scrollTop += 3 * list.clientHeight;
      return new Promise((said) => requestAnimationFrame(() => requestAnimationFrame(() => {
        const box = list.getBoundingClientRect();
        const people = [...list.querySelectorAll("[data-user-id]")];
        const inView = people.filter((row) => row.getBoundingClientRect().bottom > box.top && row.getBoundingClientRect().top < box.bottom);
        said({ rows: people.length, empty: inView.length === 0, done: inView.some((row) => row.textContent.includes(name)) });
      })));
    }, lastOne);
    most = Math.max(most, rows);
    assert.ok(!empty, "an empty list in view");
    if (done) break;
    await sleep(5); // for the pages to come
  }
  assert.ok(most <= kMostRows, `${most} rows`);

  await page.getByLabel(t("people.search")).fill("0777");
  await page.locator(`[data-user-id="${userId(777)}"]`).waitFor();
  await page.locator("[data-user-id]").nth(1).waitFor({ state: "detached" });
  await page.getByLabel(t("people.search")).fill("PERSON 05");
  await page.locator(`[data-user-id="${userId(500)}"]`).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.activeElement.textContent.includes("Person 0599"));
  assert.deepEqual(await complaints(tabs), []);
  await tabs.close();
});
