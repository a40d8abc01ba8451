// The pictures of tools/screenshots: every screen of the web client, as WebP. People, texts and times are made up here and always the same.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { browserOf, freshBrowser, sizes } from "../tests/web/browser.mjs";
import { t } from "../tests/web/texts.mjs";
import { personOf, serveWorld, userId } from "../tests/web/world.mjs";

const folder = process.argv[2];
const kMostBytes = 80 * 1024;
const kNow = Date.UTC(2026, 4, 21, 14, 32);
const kMinute = 60_000;
const kDay = 86_400_000;

const names = ["Maya Lindqvist", "Jonas Weber", "Amara Okafor", "Tomás Rivera", "ليلى حداد", "Hannah Fischer", "Noah Bergström", "Priya Raman",
  "Elif Demir", "Oskar Nowak", "Chloé Martin", "Daniel Cohen", "Sofia Rossi", "Kenji Mori", "Grace Campbell"];
const [maya, jonas, amara, tomas, layla, hannah, noah] = names.keys();

const messages = [
  [noah, maya, kDay * 4, "The slides are in the shared folder now."],
  [maya, hannah, kDay * 2 + 40 * kMinute, "Happy birthday! Cake on Friday?"],
  [hannah, maya, kDay * 2, "Cake on Friday. Always."],
  [layla, maya, kDay + 95 * kMinute, "شكراً جزيلاً، إلى اللقاء يوم الخميس"],
  [jonas, maya, kDay + 64 * kMinute, "Have you seen that the night train to Stockholm is back?"],
  [maya, jonas, kDay + 61 * kMinute, "No! Since when?"],
  [jonas, maya, kDay + 60 * kMinute, "Since this spring. Every evening at 21:56, and you wake up by the water.\nThere is a map here: https://example.org/night-trains"],
  [maya, jonas, kDay + 52 * kMinute, "I want the window."],
  [maya, tomas, 200 * kMinute, "I have left the keys with the neighbours."],
  [jonas, maya, 46 * kMinute, "Good morning. I have looked at the prices."],
  [jonas, maya, 45 * kMinute, "Three places in a couchette are 147 € there and back, if we book before Sunday."],
  [maya, jonas, 38 * kMinute, "That is less than the flight was last year"],
  [maya, jonas, 38 * kMinute - 9_000, "Amara is in as well, I asked her yesterday. She only has to be back by the 14th because of the exhibition."],
  [amara, maya, 25 * kMinute, "Back by the 14th, then I am happy with anything"],
  [jonas, maya, 12 * kMinute, "Then the 8th to the 13th? I can book tonight."],
  [maya, jonas, 4 * kMinute, "Book it. And I take the window."],
  [jonas, maya, 2 * kMinute, "We will see about the window"],
].map(([from, to, ago, text]) => ({ from, to, text, at: kNow - ago })).sort((a, b) => a.at - b.at);

const server = await serveWorld({
  people: names.map((name, number) => ({ name, username: name.normalize("NFD").replace(/[^\w ]/g, "").trim().toLowerCase().replace(/ .*/, "") || `user${number}` })),
  messages, flags: ["--rate-limits", "off"],
});
mkdirSync(folder, { recursive: true });
const others = [jonas, amara, hannah].map((number) => personOf(server, number, names[number]).socket());

/** A tab whose clock stands at that time: nothing in the picture depends on when it is made. */
async function tabOf(person, size, colorScheme) {
  const phone = size === "phone" ? { isMobile: true, hasTouch: true, viewport: { width: 390, height: 760 } } : { viewport: { width: 1200, height: 750 } };
  const settings = { timezoneId: "UTC", colorScheme, reducedMotion: "reduce", ...phone };
  const context = await (person === undefined ? freshBrowser(server, settings) : browserOf(server, personOf(server, person, names[person]), settings));
  await context.clock.setFixedTime(kNow);
  // What is imported counts as read; here some is not.
  await context.route(/\/api\/conversations(\?|$)/, async (route) => {
    const response = await route.fetch();
    const list = await response.json();
    for (const line of list) if (line.user._id === userId(amara) || line.user._id === userId(layla)) line.unreadCount = line.user._id === userId(amara) ? 1 : 2;
    await route.fulfill({ response, json: list });
  });
  return context.newPage();
}

async function picture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
  const session = await page.context().newCDPSession(page);
  for (let quality = 90; ; quality -= 10) {
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
    const bytes = Buffer.from(data, "base64");
    if (bytes.length > kMostBytes && quality > 50) continue;
    writeFileSync(path.join(folder, `${name}.webp`), bytes);
    console.log(`${name}.webp ${bytes.length} bytes, quality ${quality}`);
    break;
  }
}

async function online(page) {
  await page.locator(".person .avatar-dot").nth(2).waitFor();
  await page.locator('[data-connection="online"]').waitFor({ state: "attached" });
}

for (const size of Object.keys(sizes)) {
  for (const scheme of ["light", "dark"]) {
    const suffix = `${size}${scheme === "dark" ? "-dark" : ""}`;
    const door = await tabOf(undefined, size, scheme);
    await door.goto("/signin");
    await door.getByRole("button", { name: t("signIn.submit"), exact: true }).waitFor();
    await door.evaluate(() => document.activeElement.blur());
    await picture(door, `sign-in-${suffix}`);
    await door.context().close();

    const page = await tabOf(maya, size, scheme);
    await page.goto("/");
    await online(page);
    await picture(page, `people-${suffix}`);
    await page.goto(`/c/${userId(jonas)}`);
    await page.locator("[data-message-id]").last().waitFor();
    if (size === "desktop") await online(page);
    else await page.locator(".conversation-head .avatar-dot").waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await picture(page, `conversation-${suffix}`);
    await page.context().close();
  }
}
others.forEach((socket) => socket.disconnect());
await server.stop();
process.exit(0);
