// The Engine.IO fixture on the official library: echoes every message in kind.
import { createServer } from "node:http";

import { Server } from "engine.io";

const flags = new Map();
for (let i = 2; i < process.argv.length; i++) {
  const value = process.argv[i + 1];
  flags.set(process.argv[i], value === undefined || value.startsWith("--") ? "yes" : process.argv[++i]);
}

const engine = new Server({
  pingInterval: Number(flags.get("--ping-interval") ?? 300),
  pingTimeout: Number(flags.get("--ping-timeout") ?? 200),
  maxHttpBufferSize: Number(flags.get("--max-payload") ?? 1_000_000),
  allowEIO3: flags.has("--eio3"),
  cors: { origin: "*" },
});
engine.on("connection", (socket) => socket.on("data", (data) => socket.send(data)));
const http = createServer();
engine.attach(http, { path: flags.get("--path") ?? "/engine.io/" });
http.listen(Number(flags.get("--port")), "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
