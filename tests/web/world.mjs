// A server that already has people and conversations of any size: made up here as JSON lines (docs/migration.md), imported before it starts.
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

import { forgeToken, Person } from "../people.mjs";
import { Server, binary, freshFolder } from "../support.mjs";

const kNoPassword = `$2b$04$${"0".repeat(53)}`; // a hash that nobody knows the password of

const idOf = (prefix, number) => `65${prefix}${number.toString(16).padStart(20, "0")}`;
export const userId = (number) => idOf("00", number);
export const messageId = (number) => idOf("01", number);

/**
 * people: [{name, username?}], by number. messages: [{from, to, text, at}], numbers and milliseconds since 1970, oldest first; they count as read. A number
 * beyond the people is somebody who is gone.
 */
export async function serveWorld({ people, messages = [], flags = [] }) {
  const dataDir = freshFolder();
  const file = path.join(dataDir, "world.jsonl");
  const born = Math.min(Date.now(), ...messages.slice(0, 1).map(({ at }) => at)) - 86_400_000;
  const lines = [
    ...people.map(({ name, username }, number) => ({
      type: "user", _id: userId(number), fullName: name, username: username ?? `user${number}`, password: kNoPassword, gender: number % 2 ? "male" : "female",
      profilePic: `/api/avatars/${userId(number)}.svg`, createdAt: born + number, updatedAt: born + number,
    })),
    ...messages.map(({ from, to, text, at }, number) => ({
      type: "message", _id: messageId(number), senderId: userId(from), receiverId: userId(to), message: text, createdAt: at, updatedAt: at,
    })),
  ];
  const all = [{ type: "parley-export", version: 1, exportedAt: born }, ...lines, { type: "end", records: lines.length }];
  writeFileSync(file, all.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await promisify(execFile)(binary, ["import", file, "--data-dir", dataDir]);
  rmSync(file);
  const server = await Server.start({ dataDir, flags });
  server.ownsFolder = true;
  return server;
}

/** One of them, logged in. */
export function personOf(server, number, name) {
  const person = new Person(server, name);
  person.id = userId(number);
  person.cookie = `jwt=${forgeToken(person.id)}`;
  return person;
}
