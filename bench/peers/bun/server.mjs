// The peer of bench/peers on Bun: the official server on the engine that was made for Bun's own HTTP server.
//     bun server.mjs [--port N]        (any free port)
import { parseArgs } from "node:util";

import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";

const { values: flags } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const io = new Server({ serveClient: false });
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);

io.on("connection", (socket) => {
  socket.on("echo", (...args) => socket.emit("echo", ...args));
  socket.on("bcast", (...args) => io.emit("bcast", ...args));
  socket.on("join", (name) => {
    socket.join(name);
    socket.emit("joined", name);
  });
  socket.on("room", (name, payload) => io.to(name).emit("room", payload));
});

const server = Bun.serve({ port: Number(flags.port), hostname: "127.0.0.1", development: false, ...engine.handler() });
console.log(`listening on http://127.0.0.1:${server.port}`);
