// Every screen and state of the client that a test of looks wants to see, by name: how to get there, from anywhere. What it changes about the network or the
// context is undone by leave().
import { personOf, serveWorld, userId } from "./world.mjs";
import { browserOf, freshBrowser } from "./browser.mjs";
import { t as english } from "./texts.mjs";

const kHour = 3_600_000;
export const longName = "Wolfeschlegelsteinhausenbergerdorff-Montgomery Featherstonehaugh von und zu Hohenlohe";
export const longWord = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);

const written = [
  [0, 1, "Good morning! Did the parcel arrive?"],
  [1, 0, "It did, an hour ago."],
  [1, 0, "And nothing is broken :)"],
  [0, 1, "See https://example.org/a/very/long/address/that/goes/on/" + "and-on/".repeat(20) + "?q=1 for the rest"],
  [1, 0, longWord],
  [0, 1, "مرحبا، كيف حالك؟"],
  [1, 0, "<script>alert(1)</script> & <b>bold</b>"],
  [1, 0, "🎉"],
  [0, 1, Array.from({ length: 40 }, (_, line) => `Line ${line + 1} of a long message`).join("\n")],
  [1, 0, "See you at eight."],
];

/** A server with Alice, who talks with Bob and has an account that is gone, somebody with a very long name, and 30 more among her people. */
export async function serveScreens() {
  const people = [{ name: "Alice Ashworth", username: "alice" }, { name: "Bob Brown", username: "bob" }, { name: longName, username: "w".repeat(64) },
    { name: "ليلى حداد", username: "layla" }, ...Array.from({ length: 30 }, (_, number) => ({ name: `Person ${number + 5}` }))];
  const now = Date.now();
  const messages = [
    { from: 2, to: 0, text: longWord, at: now - 100 * kHour },
    { from: 99, to: 0, text: "I am leaving.", at: now - 90 * kHour },
    ...Array.from({ length: 30 }, (_, number) => ({ from: number % 2, to: 1 - (number % 2), text: `Earlier message ${number + 1}`, at: now - 50 * kHour + number * 60_000 })),
    ...written.map(([from, to, text], number) => ({ from, to, text, at: now - 20 * kHour + number * 600_000 })),
  ];
  return serveWorld({ people, messages, flags: ["--rate-limits", "off"] });
}

/** Alice's tab and that of nobody, both with the options given (Playwright's newContext). `texts` says in which language buttons are named. */
export class Stage {
  static async open(server, { texts = english, ...options } = {}) {
    const stage = new Stage();
    Object.assign(stage, { server, t: texts, alice: personOf(server, 0, "Alice Ashworth"), bob: personOf(server, 1, "Bob Brown") });
    stage.inside = await browserOf(server, stage.alice, options);
    stage.outside = await freshBrowser(server, options);
    stage.contexts = [stage.inside, stage.outside];
    stage.chat = await stage.inside.newPage();
    stage.door = await stage.outside.newPage();
    return stage;
  }

  async close() {
    for (const context of this.contexts) await context.close();
  }

  button(page, key) {
    return page.getByRole("button", { name: this.t(key), exact: true });
  }

  async conversation(number) {
    await this.chat.goto(`/c/${userId(number)}`);
    await this.chat.getByLabel(this.t("composer.label"), { exact: true }).waitFor();
    return this.chat;
  }

  async people() {
    await this.chat.goto("/");
    await this.chat.locator("[data-user-id]").first().waitFor();
    return this.chat;
  }

  async write(page, text) {
    await page.getByLabel(this.t("composer.label"), { exact: true }).fill(text);
    await this.button(page, "composer.send").click();
  }
}

/** A request that is never answered, until the route is taken back. */
const hold = () => {};

// name: async (stage) => the page that shows it, or [page, leave].
export const screens = {
  "sign in": async ({ door, t }) => {
    await door.goto("/signin");
    await door.getByRole("heading", { name: t("signIn.title") }).waitFor();
    return door;
  },
  "sign in, fields left out": async (stage) => {
    const page = await screens["sign in"](stage);
    await stage.button(page, "signIn.submit").click();
    await page.getByText(stage.t("check.password")).waitFor();
    return page;
  },
  "sign in, refused": async (stage) => {
    const page = await screens["sign in"](stage);
    await page.getByLabel(stage.t("field.username"), { exact: true }).fill("nobody");
    await page.getByLabel(stage.t("field.password"), { exact: true }).fill("nothing");
    await stage.button(page, "signIn.submit").click();
    await page.getByText(stage.t("error.credentials")).waitFor();
    return page;
  },
  "sign up": async ({ door, t }) => {
    await door.goto("/signup");
    await door.getByRole("heading", { name: t("signUp.title") }).waitFor();
    return door;
  },
  "sign up, fields left out": async (stage) => {
    const page = await screens["sign up"](stage);
    await stage.button(page, "signUp.submit").click();
    await page.getByText(stage.t("check.gender")).waitFor();
    return page;
  },
  "session over": async (stage) => {
    const page = await stage.people();
    const cookies = await stage.inside.cookies();
    await stage.inside.clearCookies();
    await page.goto(`/c/${userId(1)}`);
    await page.getByText(stage.t("signIn.expired")).waitFor();
    return [page, () => stage.inside.addCookies(cookies)];
  },
  "loading": async ({ chat, inside }) => {
    await inside.route("**/api/auth/me", hold);
    await chat.goto("/");
    await chat.locator(".splash").waitFor();
    return [chat, () => inside.unroute("**/api/auth/me")];
  },
  "the server does not answer": async ({ chat, inside, t }) => {
    await inside.route("**/api/auth/me", (route) => route.fulfill({ status: 503, json: { error: "Busy" } }));
    await chat.goto("/");
    await chat.getByText(t("app.unanswered")).waitFor();
    return [chat, () => inside.unroute("**/api/auth/me")];
  },
  "loading people and messages": async ({ chat, inside }) => {
    const slow = /\/api\/(conversations|users|messages)/;
    await inside.route(slow, hold);
    await chat.goto(`/c/${userId(1)}`);
    await chat.locator(".conversation").waitFor();
    await chat.locator(".skeleton-messages").waitFor();
    return [chat, () => inside.unroute(slow)];
  },
  "people and messages cannot be loaded": async ({ chat, inside, t }) => {
    const broken = /\/api\/(conversations|users|messages)/;
    await inside.route(broken, (route) => route.fulfill({ status: 500, json: { error: "Internal server error" } }));
    await chat.goto(`/c/${userId(1)}`);
    await chat.getByText(t("chat.error")).waitFor();
    return [chat, () => inside.unroute(broken)];
  },
  "people": (stage) => stage.people(),
  "search without a result": async (stage) => {
    const page = await stage.people();
    await page.getByLabel(stage.t("people.search")).fill("x".repeat(60));
    await page.getByText(stage.t("people.noResults.title")).waitFor();
    return page;
  },
  "a button's tooltip": async (stage) => {
    const page = await stage.people();
    await stage.button(page, "menu.settings").focus();
    await page.getByRole("tooltip").waitFor({ state: "attached" });
    return page;
  },
  "empty conversation": async (stage) => {
    const page = await stage.conversation(10);
    await page.getByText(stage.t("chat.empty.title")).waitFor();
    return page;
  },
  "notes to self": async (stage) => {
    const page = await stage.conversation(0);
    await page.getByText(stage.t("chat.empty.self.text")).waitFor();
    return page;
  },
  "nobody of that id": async ({ chat, t }) => {
    await chat.goto(`/c/${"f".repeat(24)}`);
    await chat.getByText(t("chat.missing.title")).waitFor();
    return chat;
  },
  "deleted account": async ({ chat, t }) => {
    await chat.goto(`/c/${userId(99)}`);
    await chat.getByText(t("chat.deletedNote")).waitFor();
    return chat;
  },
  "long name": async (stage) => {
    const page = await stage.conversation(2);
    await page.locator("[data-message-id]").first().waitFor();
    return page;
  },
  "messages in all states": async (stage) => {
    const page = await stage.conversation(1);
    await page.locator("[data-message-id]").last().waitFor();
    const sending = "**/api/messages/send/*";
    await stage.inside.route(sending, (route) => (route.request().postData().includes("refused")
      ? route.fulfill({ status: 400, json: { error: "This message is not wanted here" } }) : hold()));
    await stage.write(page, "This one is refused");
    await page.locator('[data-state="failed"]').last().waitFor();
    await stage.write(page, "This one is on its way");
    await page.locator('[data-state="sending"]').last().waitFor();
    return [page, async () => {
      await stage.inside.unroute(sending);
      await page.evaluate(() => localStorage.clear()); // the outbox
    }];
  },
  "new messages, above the end": async (stage) => {
    await stage.people();
    const { chat, bob, alice } = stage;
    await alice.request("PUT", `/api/conversations/${bob.id}/read`, {}); // what an earlier walk has left
    for (let number = 1; number <= 12; number++) await bob.send({ id: userId(0) }, `News ${number}\n`.repeat(6));
    await chat.locator(`[data-user-id="${userId(1)}"] [data-unread]`).waitFor();
    await chat.locator(`[data-user-id="${userId(1)}"] a`).click();
    await chat.locator(".new-marker").waitFor();
    await stage.button(chat, "messages.jump").waitFor();
    return chat;
  },
  "menu of a message": async (stage) => {
    const page = await stage.conversation(1);
    await page.locator("[data-message-id]").last().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    return page;
  },
  "copied": async (stage) => {
    const page = await screens["menu of a message"](stage);
    await page.getByRole("menuitem", { name: stage.t("messages.copy") }).click();
    await page.locator(".toast").waitFor();
    return page;
  },
  "message too long": async (stage) => {
    const page = await stage.conversation(1);
    await page.getByLabel(stage.t("composer.label"), { exact: true }).fill("x".repeat(110_000));
    await page.getByRole("alert").filter({ hasText: "KB" }).waitFor();
    return [page, () => page.getByLabel(stage.t("composer.label"), { exact: true }).fill("")];
  },
  "emoji": async (stage) => {
    const page = await stage.conversation(1);
    await stage.button(page, "composer.emoji").click();
    await page.locator(".emoji-grid button").first().waitFor();
    return page;
  },
  "emoji, nothing found": async (stage) => {
    const page = await screens.emoji(stage);
    await page.getByLabel(stage.t("emoji.search")).fill("xxxxxxxx");
    await page.getByText(stage.t("emoji.none")).waitFor();
    return page;
  },
  "settings": async (stage) => {
    const page = await stage.people();
    await stage.button(page, "menu.settings").click();
    await page.getByRole("dialog").waitFor();
    return page;
  },
  "signing out with a draft": async (stage) => {
    const page = await stage.conversation(1);
    const composer = page.getByLabel(stage.t("composer.label"), { exact: true });
    await composer.fill("A draft");
    await page.locator(".corner button").last().dispatchEvent("click"); // a phone does not show it here
    await page.getByRole("dialog").waitFor();
    return [page, async () => {
      await page.keyboard.press("Escape");
      await composer.fill("");
    }];
  },
  "help": async (stage) => {
    const page = await stage.people();
    await page.locator("a.person").first().focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    return page;
  },
  "unsent, and not to be stored": async (stage) => {
    const page = await stage.conversation(1);
    const composer = page.getByLabel(stage.t("composer.label"), { exact: true });
    await page.evaluate(() => { Storage.prototype.setItem = () => { throw new Error("full"); }; });
    await composer.fill("A draft");
    await page.getByText(stage.t("storage.refused")).waitFor();
    return [page, () => composer.fill("")];
  },
  "offline": async (stage) => {
    const page = await stage.conversation(1);
    await page.locator('[data-connection="online"]').waitFor({ state: "attached" });
    await stage.inside.setOffline(true);
    await page.locator('[data-connection="offline"]').waitFor();
    return [page, () => stage.inside.setOffline(false)];
  },
};

/** look(page, name) at each of them. */
export async function walk(stage, look, names = Object.keys(screens)) {
  for (const name of names) {
    const found = await screens[name](stage).catch((error) => { throw new Error(`on the way to "${name}": ${error.message}`); });
    const [page, leave] = Array.isArray(found) ? found : [found, () => {}];
    await look(page, name);
    await leave();
  }
}
