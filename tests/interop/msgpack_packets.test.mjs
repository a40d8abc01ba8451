// Packets of the npm package socket.io-msgpack-parser and of this library"s MessagePack parser, packet by packet, both ways. The library"s side is
// build/<preset>/lib/socketio/msgpack_filter, which says in MessagePack what it has understood.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const { Encoder, Decoder } = createRequire(import.meta.url)("socket.io-msgpack-parser");
const here = path.dirname(fileURLToPath(import.meta.url));
const examples = process.env.PARLEY_EXAMPLES ?? path.resolve(here, "../../build/release/examples");
const filter = path.resolve(examples, "../lib/socketio/msgpack_filter");

const encode = (packet) => new Encoder().encode(packet)[0];

// Throws for what JavaScript refuses; but for an id or payload that is null, which the library takes as missing.
function decode(bytes) {
  let packet;
  const decoder = new Decoder();
  decoder.checkPacket = (decoded) => {
    if (decoded.id === null) delete decoded.id;
    if (decoded.data === null) delete decoded.data;
    Decoder.prototype.checkPacket.call(decoder, decoded);
  };
  decoder.on("decoded", (decoded) => (packet = decoded));
  decoder.add(bytes);
  return packet;
}

function run(messages) {
  const input = messages.map((bytes) => bytes.toString("hex") + "\n").join("");
  const { stdout, status, error } = spawnSync(filter, { input, maxBuffer: 1 << 30, encoding: "utf8" });
  assert.ifError(error);
  assert.equal(status, 0);
  const lines = stdout.split("\n").slice(0, -1);
  assert.equal(lines.length, messages.length);
  return lines.map((line) => {
    if (line.startsWith("refused")) return { refused: line };
    const [understood, sent] = line.split(" ").map((hex) => Buffer.from(hex, "hex"));
    const [type, nsp, id, event, payload] = decode(understood).data.slice(1);
    return { type, nsp, id, event, payload, sent };
  });
}

// What a handler gets: what JSON.stringify would have written of dates and undefined, and bytes of one kind.
function plain(value) {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toJSON();
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  if (Buffer.isBuffer(value) || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined).map(([name, member]) => [name, plain(member)]));
}

function expected(packet) {
  const list = packet.type === 2 || packet.type === 3;
  const [name, ...rest] = packet.type === 2 ? packet.data : ["", ...(list ? packet.data : [])];
  return { type: packet.type, nsp: packet.nsp, id: plain(packet.id), event: String(name), payload: list ? plain(rest) : plain(packet.data) };
}

// A generator of its own (mulberry32), so that a failure comes back.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function values(random) {
  const below = (limit) => Math.floor(random() * limit);
  const text = () => ["", "hello", "käse", "😀".repeat(9), "שלום", "a\0b", "x".repeat(below(300)), "y".repeat(40)][below(8)];
  const integer = () => Math.round((random() < 0.5 ? -1 : 1) * 2 ** (random() * 53)) + below(3) - 1;
  const leaf = [text, integer, () => below(300) - 150, () => random() * 1e6 + 0.1, () => Buffer.alloc(below(300), below(256)), () => true, () => null];
  const value = (depth) => {
    const kind = below(depth > 5 ? 7 : 9);
    if (kind === 7) return Array.from({ length: below(random() < 0.1 ? 40 : 5) }, () => value(depth + 1));
    if (kind === 8) return Object.fromEntries(Array.from({ length: below(random() < 0.1 ? 40 : 5) }, (_, i) => [`k${i}${text()}`, value(depth + 1)]));
    return leaf[kind]();
  };
  return { below, value };
}

// In the order in which the library writes the fields.
function packets(seed, count) {
  const { below, value } = values(generator(seed));
  return Array.from({ length: count }, () => {
    const event = below(2) === 0;
    const packet = { type: event ? 2 : 3, nsp: ["/", "/chat", "/käse"][below(3)] };
    if (!event || below(2) === 0) packet.id = below(2) === 0 ? below(10) : below(2 ** 40);
    packet.data = [...(event ? [`event${below(100)}`] : []), ...Array.from({ length: below(5) }, () => value(0))];
    return packet;
  });
}

test("packets of every kind are understood", () => {
  const all = [
    { type: 0, data: { token: "x", pid: "p" }, nsp: "/" },
    { type: 0, data: undefined, nsp: "/admin" },
    { type: 1, nsp: "/" },
    { type: 2, data: ["a", 1], options: { compress: true }, id: undefined, nsp: "/" },
    { type: 2, data: [1.5], id: 0, nsp: "/" },
    { type: 3, data: [], id: 2 ** 53 - 1, nsp: "/" },
    { type: 4, data: { message: "no", data: undefined }, nsp: "/" },
    { type: 4, data: "no", nsp: "/" },
  ];
  run(all.map(encode)).forEach(({ sent, ...understood }, i) => assert.deepEqual(understood, expected(all[i])));
});

test("what JSON has not arrives as JSON would have it, and numbers and bytes as they are", () => {
  const odd = [
    new Date(0), new Date(-1), new Date(1732291200123), new Date(8.64e15), new Date(-8.64e15), new Date(-62198755200000), undefined,
    [undefined, 1], { a: undefined, b: 1 }, { toJSON: () => "json" }, new Uint8Array([1, 2, 3]), new ArrayBuffer(3), new ArrayBuffer(0),
    new ArrayBuffer(300), new ArrayBuffer(70000), NaN, Infinity, -Infinity, 0.1, 2 ** 53, -(2 ** 53), 2 ** 63, 1.5e300,
  ];
  const packet = { type: 2, nsp: "/", data: ["odd", ...odd] };
  const [understood] = run([encode(packet)]);
  assert.deepEqual(understood.payload, expected(decode(encode(packet))).payload);
});

test("thousands of packets are understood, and sent on byte for byte", () => {
  const all = packets(1, 4000);
  run(all.map(encode)).forEach(({ sent, ...understood }, i) => {
    assert.deepEqual(understood, expected(all[i]));
    assert.deepEqual(sent, encode(all[i]));
  });
});

test("what is understood of damaged packets is what JavaScript understands", () => {
  const random = generator(2);
  const below = (limit) => Math.floor(random() * limit);
  const damaged = packets(3, 20000).map((packet) => {
    const bytes = Buffer.from(encode(packet).subarray(0, 400));
    for (let i = below(3); i >= 0; --i) bytes[below(bytes.length)] = random() < 0.5 ? below(256) : [0xc0, 0xd4, 0xd7, 0xc7, 0xca, 0xcf, 0xdc, 0x81][below(8)];
    return random() < 0.1 ? bytes.subarray(0, below(bytes.length)) : bytes;
  });
  let understood = 0;
  run(damaged).forEach(({ sent, refused, ...packet }, i) => {
    if (refused) return;
    ++understood;
    assert.deepEqual(packet, expected(decode(damaged[i])), damaged[i].toString("hex"));
  });
  assert.ok(understood > 1000, `${understood} of ${damaged.length}`);
});
