// Where a measuring run finds and puts things.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

export class Places {
  /** @param build the folder of a release build  @param peers where tools/bench-peers installs */
  constructor(build, peers) {
    this.build = path.resolve(build);
    this.peers = path.resolve(peers);
    // Beside the build and not in the system's temporary folder, which may be memory: the disk is measured as well.
    mkdirSync(path.join(root, "build/bench"), { recursive: true });
    this.scratch = mkdtempSync(path.join(root, "build/bench/scratch-"));
    process.on("exit", () => rmSync(this.scratch, { recursive: true, force: true }));
  }

  /** A program of the build, by name. Throws a sentence if it was not built. */
  program(name) {
    const folders = [".", "bench", "bench/sockets", "bench/chat", "bench/ceilings", "examples"];
    const found = folders.map((folder) => path.join(this.build, folder, name)).find((file) => existsSync(file));
    if (!found) throw new Error(`${name} is not here: make bench-quick builds it`);
    return found;
  }

  /** A file of an installed peer. Throws a sentence if it is not there. */
  peer(...parts) {
    const file = path.join(this.peers, ...parts);
    if (!existsSync(file)) throw new Error(`${parts[0]} is not here: run tools/bench-peers`);
    return file;
  }

  /** A new folder on the disk that is measured. */
  freshFolder(name) {
    return mkdtempSync(path.join(this.scratch, `${name}-`));
  }
}
