// People and messages that a chat server has before it is measured: made once per size by chat_users, imported once, copied for every server.
import { cpSync } from "node:fs";
import path from "node:path";

import { finish } from "./programs.mjs";

export const jwtSecret = "a secret for measurements only";

/** The id that chat_users gives a person, by number. */
export const userId = (number) => `65000000be0ca10000${number.toString(16).padStart(6, "0")}`;

export class Seeds {
  #places;
  #made = new Map();

  constructor(places) { this.#places = places; }

  /** {file, folder}: the JSON lines, and a data folder that holds the same and that nobody changes. */
  async #make({ users, messages = 0 }) {
    const folder = this.#places.freshFolder(`seed-${users}-${messages}`);
    const file = path.join(folder, "users.jsonl");
    const data = path.join(folder, "data");
    const more = messages > 0 ? ["--messages", messages] : [];
    await finish(["bash", "-c", 'exec "$0" "${@:2}" >"$1"', this.#places.program("chat_users"), file, users, ...more]);
    await finish([this.#places.program("parley"), "import", file, "--to", data]);
    return { file, data };
  }

  #get(seed) {
    const name = `${seed.users}-${seed.messages ?? 0}`;
    if (!this.#made.has(name)) this.#made.set(name, this.#make(seed));
    return this.#made.get(name);
  }

  /** A data folder of its own for one server. */
  async dataFolder(seed) {
    const folder = this.#places.freshFolder("data");
    if (seed) cpSync((await this.#get(seed)).data, folder, { recursive: true });
    return folder;
  }

  /** Puts the same into an empty MongoDB database. */
  async fillDatabase(seed, uri) {
    if (!seed) return;
    await finish([this.#places.program("parley"), "import", (await this.#get(seed)).file, "--to", uri], { seconds: 300 });
  }
}
