// The server of README.md on the official library: the tests' own proof that what they ask is what the official server does.
import { createServer } from "node:http";

import { Server } from "socket.io";
import * as messagePack from "socket.io-msgpack-parser";

const flags = new Map();
for (let i = 2; i < process.argv.length; i++) {
  const value = process.argv[i + 1];
  flags.set(process.argv[i], value === undefined || value.startsWith("--") ? "yes" : process.argv[++i]);
}

const io = new Server({
  allowEIO3: true,
  cors: { origin: "*" },
  pingInterval: Number(flags.get("--ping-interval") ?? 25_000),
  pingTimeout: Number(flags.get("--ping-timeout") ?? 20_000),
  serveClient: false,
  perMessageDeflate: flags.has("--compress") ? { threshold: 1024 } : false,
  httpCompression: flags.has("--compress") ? { threshold: 1024 } : false,
  ...(flags.has("--recovery") ? { connectionStateRecovery: {} } : {}),
  ...(flags.get("--parser") === "msgpack" ? { parser: messagePack.default ?? messagePack } : {}),
});

const done = (ack) => { if (typeof ack === "function") ack(); };

function serve(namespace) {
  namespace.on("connection", (socket) => {
    socket.on("echo", (...said) => socket.emit("echo", ...said));
    socket.on("echo-ack", (...said) => { const ack = said.pop(); ack(...said); });
    socket.on("ask", (...asked) => {
      socket.timeout(1000).emit("question", ...asked, (late, ...answer) => {
        if (late) socket.emit("unanswered");
        else socket.emit("answered", ...answer);
      });
    });
    socket.on("binary", (data) => socket.emit("binary", { length: data.length, data }));
    socket.on("join", (room, ack) => { socket.join(room); done(ack); });
    socket.on("leave", (room, ack) => { socket.leave(room); done(ack); });
    socket.on("say", (room, text, ack) => { namespace.to(room).emit("said", room, text); done(ack); });
    socket.on("say-volatile", (room, text, ack) => { namespace.volatile.to(room).emit("said", room, text); done(ack); });
    socket.on("kick", (close) => socket.disconnect(close === true));
    socket.on("drop", () => socket.conn.close());
    socket.on("whoami", (ack) => ack({
      id: socket.id, auth: socket.handshake.auth, query: socket.handshake.query, recovered: socket.recovered,
      transport: socket.conn.transport.name, protocol: socket.conn.protocol,
    }));
  });
}

serve(io.of("/"));
serve(io.of("/chat"));
const guarded = io.of("/guarded");
guarded.use((socket, next) => {
  if (socket.handshake.auth.token === "open") return next();
  const refusal = new Error("not authorized");
  refusal.data = { code: "E_AUTH", retry: false };
  next(refusal);
});
serve(guarded);

const http = createServer();
io.attach(http);
http.listen(Number(flags.get("--port") ?? 0), "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
