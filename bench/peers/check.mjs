// Do the Socket.IO peers do the same thing? Asks each as the official client does; figures of a server that answers less would mean nothing.
//     node bench/peers/check.mjs [FOLDER]        (build/bench-peers, as tools/bench-peers leaves it; socket.io-client from tests/)
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { io } = createRequire(path.join(root, "tests/package.json"))("socket.io-client");
const folder = path.resolve(process.argv[2] ?? path.join(root, "build/bench-peers"));

const peers = {
  node: [process.execPath, path.join(folder, "node/server.mjs")],
  bun: [path.join(folder, "bun/bun"), path.join(folder, "bun/server.mjs")],
  socketioxide: [path.join(folder, "socketioxide/socketioxide-peer")],
  "socketioxide, 1 thread": [path.join(folder, "socketioxide/socketioxide-peer"), "--threads", "1"],
};

async function start([program, ...args]) {
  const child = spawn(program, [...args, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, url: /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)[1] };
}

async function connect(url, transports) {
  const socket = io(url, { transports, forceNew: true });
  await once(socket, "connect");
  return socket;
}

async function hears(socket, event, wanted) {
  const args = await new Promise((done) => socket.once(event, (...values) => done(values)));
  assert.deepEqual(args, wanted, event);
}

// The values that a peer could lose: several arguments, none, binary ones, numbers, depth, what is not ASCII.
const argumentLists = [["one"], [], [1, -1, 2 ** 40, 1.5, true, null], ["ünï → 😀\n\"\\"], [{ list: [1, { deep: [] }] }, Buffer.from([0, 255]), "after"]];

async function checkEcho(socket) {
  for (const args of argumentLists) {
    const answer = hears(socket, "echo", args);
    socket.emit("echo", ...args);
    await answer;
  }
}

async function checkBroadcast(sockets) {
  for (const args of [["all"], ["two", { a: 1 }]]) {
    const answers = sockets.map((socket) => hears(socket, "bcast", args));
    sockets[0].emit("bcast", ...args);
    await Promise.all(answers);
  }
}

async function checkRoom([inside, alsoInside, outside]) {
  for (const socket of [inside, alsoInside]) {
    const joined = hears(socket, "joined", ["a room"]);
    socket.emit("join", "a room");
    await joined;
  }
  outside.on("room", () => assert.fail("an event for a room reached somebody outside"));
  const answers = [inside, alsoInside].map((socket) => hears(socket, "room", [{ text: "hi" }]));
  outside.emit("room", "a room", { text: "hi" });
  await Promise.all(answers);
  await checkEcho(outside); // what it should not hear would have come before
}

for (const [name, command] of Object.entries(peers)) {
  const { child, url } = await start(command);
  const ways = [["websocket"], ["polling"], ["polling", "websocket"]];
  const sockets = await Promise.all(ways.map((transports) => connect(url, transports)));
  for (const socket of sockets) await checkEcho(socket);
  await checkBroadcast(sockets);
  await checkRoom(sockets);
  if (sockets[2].io.engine.transport.name !== "websocket") await once(sockets[2].io.engine, "upgrade");
  sockets.forEach((socket) => socket.disconnect());
  child.kill("SIGTERM");
  const [code, signal] = await once(child, "exit");
  console.log(`${name}: does as it should, ended by ${signal ?? `exit ${code}`}`);
}
