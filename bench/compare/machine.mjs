// Where and of what figures were taken.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { root } from "./places.mjs";

function said(command, ...words) {
  try { return execFileSync(command, words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim(); } catch { return undefined; }
}

function packageVersion(...parts) {
  const file = path.join(...parts, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

function crateVersion(lock, name) {
  return existsSync(lock) ? new RegExp(`name = "${name}"\\nversion = "([^"]+)"`).exec(readFileSync(lock, "utf8"))?.[1] : undefined;
}

/** Who is compared, each with its version: {name: text}. */
function versions(places) {
  const modules = (peer, name) => packageVersion(places.peers, peer, "node_modules", name) ?? "(not here)";
  const commit = said("git", "rev-parse", "--short=10", "HEAD") + (said("git", "status", "--porcelain", "lib", "server") ? " with changes" : "");
  const chat = ["Express", "Mongoose", "socket.io"].map((name) => `${name} ${modules("chat", name.toLowerCase())}`).join(", ");
  return {
    Parley: `${said(path.join(places.build, "parley"), "--version")?.replace(/^parley /, "")} (${commit})`,
    Node: `${process.version.slice(1)} with socket.io ${modules("node", "socket.io")}`,
    Bun: `${modules("bun", "bun")} with socket.io ${modules("bun", "socket.io")} and bun-engine ${modules("bun", "@socket.io/bun-engine")}`,
    socketioxide: crateVersion(path.join(root, "bench/peers/socketioxide/Cargo.lock"), "socketioxide"),
    Express: chat.replace(/^Express /, ""),
  };
}

export function machine(places) {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString(),
    cores: cpus.length,
    processor: cpus[0]?.model.trim(),
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
    load_average: os.loadavg().map((value) => Number(value.toFixed(2))),
    versions: versions(places),
  };
}

/** The same in two sentences. */
export function describe({ date, cores, processor, memory_gib: memory, kernel, load_average: load, versions: all }, rounds) {
  const times = rounds === 1 ? "one round" : `${rounds} rounds`;
  const contestants = Object.entries(all).map(([name, version]) => `${name} ${version}`).join("; ");
  return `${date.slice(0, 10)}, ${times}: ${cores} cores (${processor}), ${memory} GiB, ${kernel}, load average ${load[0]} at the start.\n${contestants}.`;
}
