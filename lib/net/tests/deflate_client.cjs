// node deflate_client.cjs NODE_MODULES PORT: talks to an echo that answers everything twice, in several ways of permessage-deflate; prints "ok".
// Without PORT: exits with 3 if the package is not there.
const assert = require("node:assert");
const crypto = require("node:crypto");

const [modules, port] = process.argv.slice(2);
let WebSocket;
try {
  WebSocket = require(modules + "/ws");
} catch {
  process.exit(3);
}
if (!port) process.exit(0);
setTimeout(() => assert.fail("no answer"), 30_000).unref();

const repetitive = "a\u00e9\u20ac\u{1f600} ".repeat(20_000);
const messages = [
  { data: "short" },
  { data: "x".repeat(1024) },
  { data: repetitive },
  { data: repetitive, fragments: 7 },
  { data: Buffer.alloc(900_000, "binary") },
  { data: crypto.randomBytes(300_000) },
  { data: "not compressed ".repeat(500), compress: false },
  { data: "" },
];

function say(socket, { data, fragments = 1, compress = true }) {
  const bytes = Buffer.from(data);
  const binary = typeof data !== "string";
  const size = Math.ceil(bytes.length / fragments);
  for (let i = 0; i < fragments; ++i) {
    socket.send(bytes.subarray(i * size, (i + 1) * size), { binary, compress, fin: i === fragments - 1 });
  }
}

function talk(perMessageDeflate, agreed) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate });
    const answers = [];
    let raw;
    socket.on("upgrade", (response) => (raw = response.socket));
    socket.on("error", reject);
    socket.on("open", () => messages.forEach((message) => say(socket, message)));
    socket.on("message", (data, isBinary) => {
      answers.push(isBinary === undefined || isBinary ? data : data.toString());
      if (answers.length === 2 * messages.length) socket.close(1000);
    });
    socket.on("close", (code) => {
      try {
        assert.strictEqual(code, 1000);
        assert.deepStrictEqual(Object.keys(socket._extensions), perMessageDeflate ? ["permessage-deflate"] : []);
        if (perMessageDeflate) assert.deepStrictEqual({ ...socket._extensions["permessage-deflate"].params }, agreed);
        answers.forEach((answer, i) => assert.ok(Buffer.from(answer).equals(Buffer.from(messages[i >> 1].data)), `answer ${i}`));
        const said = 2 * messages.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
        if (perMessageDeflate) assert.ok(raw.bytesRead < said / 2, `${raw.bytesRead} of ${said} bytes came`);
        else assert.ok(raw.bytesRead > said);
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

const none = { server_no_context_takeover: true, client_no_context_takeover: true };
(async () => {
  await talk({ threshold: 0 }, none);
  // What the client keeps to by itself it counts as agreed.
  await talk({ threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: 9 }, { ...none, server_max_window_bits: 10, client_max_window_bits: 9 });
  await talk({ threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }, none);
  await talk(false);
  console.log("ok");
})().catch((error) => {
  console.log(error.message);
  process.exit(1);
});
