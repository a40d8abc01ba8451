// The peer of bench/drops.cpp: the official server with connection state recovery, doing what drops_server.cpp does.
//     node bench/drops_peer.mjs     (npm ci in tests/ first, whose socket.io it is)
import http from "node:http";
import { createRequire } from "node:module";

const { Server } = createRequire(new URL("../tests/package.json", import.meta.url))("socket.io");

const server = http.createServer();
const io = new Server(server, { transports: ["websocket"], connectionStateRecovery: {} });
io.on("connection", (socket) => {
  const { room } = socket.handshake.auth;
  if (room && !socket.recovered) socket.join(room);
  socket.on("say", (to, ...message) => (to ? io.to(to) : io).emit("m", ...message));
});
server.listen(0, "127.0.0.1", 4096, () => console.log(`http://127.0.0.1:${server.address().port}`));
