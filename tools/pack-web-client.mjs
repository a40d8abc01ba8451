// Packs a folder of built files into one file, each as it is and, where that is smaller, in brotli and gzip. The format: server/site/bundle.hpp.
//   node tools/pack-web-client.mjs FOLDER OUTPUT
// The same files give the same bytes. Needs Node 18 and nothing else.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const magic = "PARLEYW1";
const headBytes = 16;
const entryBytes = 8 + 3 * 16;
const keptAsTheyAre = /\.(png|jpe?g|gif|webp|avif|woff2?|mp[34]|webm|og[agv]|zip|gz|br)$/i;

/** Names of all files below a folder, "/" between their parts, without dot files: those are never served. */
function namesBelow(folder, prefix = "") {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true }).filter((entry) => !entry.name.startsWith(".")).flatMap((entry) => {
    const name = prefix ? `${prefix}/${entry.name}` : entry.name;
    return entry.isDirectory() ? namesBelow(folder, name) : [name];
  });
}

const brotli = (bytes) => brotliCompressSync(bytes, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 22,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});

/** [identity, gzip, brotli]; null where a coding gains nothing. */
function variants(name, bytes) {
  if (keptAsTheyAre.test(name)) return [bytes, null, null];
  const worth = (coded) => (coded.length < bytes.length ? coded : null);
  return [bytes, worth(gzipSync(bytes, { level: 9 })), worth(brotli(bytes))];
}

const [folder, output] = process.argv.slice(2);
if (!output) {
  console.error("usage: node tools/pack-web-client.mjs FOLDER OUTPUT");
  process.exit(2);
}
const inBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const files = namesBelow(folder).sort(inBytes).map((name) => ({ name, variants: variants(name, readFileSync(path.join(folder, name))) }));
if (!files.some((file) => file.name === "index.html")) {
  console.error(`pack-web-client: there is no index.html in ${folder}`);
  process.exit(1);
}

const pieces = [];
let at = headBytes + files.length * entryBytes;
const place = (bytes) => {
  pieces.push(bytes);
  at += bytes.length;
  return at - bytes.length;
};
const table = Buffer.alloc(at);
files.forEach((file, index) => {
  const name = Buffer.from(file.name);
  const entry = headBytes + index * entryBytes;
  table.writeUInt32LE(place(name), entry);
  table.writeUInt32LE(name.length, entry + 4);
});
for (const coding of [2, 1, 0]) {
  files.forEach((file, index) => {
    const bytes = file.variants[coding];
    if (!bytes) return;
    const entry = headBytes + index * entryBytes + 8 + coding * 16;
    table.writeUInt32LE(place(bytes), entry);
    table.writeUInt32LE(bytes.length, entry + 4);
    createHash("sha256").update(bytes).digest().copy(table, entry + 8, 0, 8);
  });
}
table.write(magic, 0, "latin1");
table.writeUInt32LE(at, 8);
table.writeUInt32LE(files.length, 12);
writeFileSync(output, Buffer.concat([table, ...pieces]));

const total = (coding) => Math.round(files.reduce((sum, file) => sum + (file.variants[coding] ?? file.variants[0]).length, 0) / 1024);
console.log(`web client: ${files.length} files, ${total(0)} KiB, ${total(1)} in gzip, ${total(2)} in brotli`);
