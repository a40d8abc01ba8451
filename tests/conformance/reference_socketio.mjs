// The Socket.IO fixture on the official library: tells the auth of a handshake, sends messages back, acknowledges.
import { createServer } from "node:http";

import { Server } from "socket.io";

const flag = (name, otherwise) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : otherwise);

const io = new Server({
  pingInterval: flag("--ping-interval", 300), pingTimeout: flag("--ping-timeout", 200), connectTimeout: 1000, maxHttpBufferSize: 1_000_000,
  cors: { origin: "*" }, serveClient: false,
});
for (const name of ["/", "/custom"]) {
  io.of(name).on("connection", (socket) => {
    socket.emit("auth", socket.handshake.auth);
    socket.on("message", (...said) => socket.emit("message-back", ...said));
    socket.on("message-with-ack", (...said) => { const ack = said.pop(); ack(...said); });
  });
}
const http = createServer();
io.attach(http);
http.listen(flag("--port", 3000), "127.0.0.1", () => console.log(`listening on ${http.address().port}`));
process.on("SIGTERM", () => process.exit(0));
