// Replays the recorded exchanges against the real binary, once for each way of starting it that a scenario asks for.
// The last line is "N passed, N failed" (steps).
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Server, jwtSecret } from "../support.mjs";

const folder = path.dirname(fileURLToPath(import.meta.url));

const runs = [
  { name: "development", profile: "development", flags: ["--rate-limits", "off"] },
  { name: "production", profile: "production", flags: ["--rate-limits", "off"], env: { NODE_ENV: "production" }, cwd: path.join(folder, "site") },
  { name: "limits", profile: "limits", flags: [] },
  {
    name: "compatibility switches", profile: "development", compat: "all",
    flags: ["--rate-limits", "off", "--compat-status", "on", "--legacy-query-auth", "on"],
  },
];

function replay(server, run) {
  const child = spawn(process.execPath, [path.join(folder, "replay.mjs"), "--check", "--scenarios", folder, "--base", server.url, "--jwt-secret",
    jwtSecret, "--avatar", "any", "--profile", run.profile, "--scale-ms", process.env.PARLEY_TEST_SCALE ? "2" : "1",
    ...(run.compat ? ["--compat", run.compat] : [])], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((done) => {
    let output = "";
    child.stdout.on("data", (chunk) => { output += chunk; });
    child.on("exit", (code) => done({ code, output }));
  });
}

let passed = 0;
let failed = 0;
for (const run of runs) {
  console.log(`-- ${run.name}`);
  const server = await Server.start(run);
  const { code, output } = await replay(server, run);
  console.log(output);
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(output);
  passed += Number(counts?.[1] ?? 0);
  failed += Number(counts?.[2] ?? 0) || (code === 0 && counts ? 0 : 1);
  try {
    await server.stop();
  } catch (error) {
    console.log(`FAIL the server's end: ${error.message}`);
    failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
