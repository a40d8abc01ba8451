// The peer of bench/peers on Node: the official server, nothing switched on.
//     node server.mjs [--port N]        (any free port)
import http from "node:http";
import { parseArgs } from "node:util";

import { Server } from "socket.io";

const { values: flags } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const server = http.createServer();
const io = new Server(server, { serveClient: false, httpCompression: false });

io.on("connection", (socket) => {
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("bcast", (...args) => io.emit("bcast", ...args));
  socket.on("join", (name) => {
    socket.join(name);
    socket.emit("joined", name);
  });
  socket.on("room", (name, payload) => io.to(name).emit("room", payload));
});

server.listen(Number(flags.port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
