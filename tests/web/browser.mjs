// A real Chromium for tests: every tab notes what must never happen (a violated policy, an error in the console, a request elsewhere).
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";

const { chromium } = createRequire(import.meta.url)("playwright-core");

const binary = process.env.PARLEY_TEST_CHROMIUM ?? "/usr/bin/chromium";

/** Why there are no tests in a browser; false where there are. In CI it is a failure of the first one instead. */
export const missing = existsSync(binary) || process.env.CI ? false : `${binary} is not here: apt-get install chromium`;

export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

let launching;
after(async () => (await launching)?.close());

function launched() {
  // As root, and in containers, Chromium has no sandbox of its own.
  launching ??= chromium.launch({ executablePath: binary, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  return launching;
}

/** A browser of its own: cookies, local storage, settings. `options` are those of Playwright's newContext. */
export async function freshBrowser(server, options = {}) {
  const context = await (await launched()).newContext({ baseURL: server.url, viewport: sizes.desktop, locale: "en-GB", ...options });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
  });
  context.complaints = [];
  context.on("weberror", (error) => context.complaints.push(`error: ${error.error()}`));
  context.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection to|net::ERR_/.test(message.text())) context.complaints.push(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== new URL(server.url).host) context.complaints.push(`a request elsewhere: ${request.url()}`);
  });
  return context;
}

/** What must not have happened in any tab of the context. */
export async function complaints(context) {
  const violations = await Promise.all(context.pages().map((page) => page.evaluate(() => window.violations ?? []).catch(() => [])));
  return [...context.complaints, ...violations.flat().map((violation) => `policy: ${violation}`)];
}

/** A browser in which that person is logged in already. */
export async function browserOf(server, person, options) {
  const context = await freshBrowser(server, options);
  const [name, value] = person.cookie.split(";")[0].split("=");
  await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: "Strict" }]);
  return context;
}
