// The web client in the binary, as a browser gets it: every file of web/dist, in every coding. And folders that are served instead of it.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { Server, killAll } from "../support.mjs";

const dist = path.join(process.env.PARLEY_WEB_SOURCE ?? "web", "dist");
const undo = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes) => bytes };

function get(url, headers = {}, method = "GET") {
  return new Promise((done, failed) => {
    const request = http.request(url, { method, headers }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }));
    });
    request.on("error", failed);
    request.end();
  });
}

function filesBelow(folder, prefix = "") {
  return readdirSync(path.join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(prefix, entry.name);
    return entry.isDirectory() ? filesBelow(folder, name) : [name];
  });
}

let server;
let missing;
before(async () => {
  server = await Server.start();
  missing = /built without its web client: (.*?)\./.exec(server.log)?.[1];
  if (missing && process.env.CI) throw new Error(`the web client is missing: ${missing}`);
});
after(async () => {
  await server?.stop();
  killAll();
});
const skipped = (t) => missing && (t.skip(`web_client is not here: ${missing}`), true);

test("a server without its client says what is missing, in its log and on its page", async (t) => {
  if (!missing) return t.skip("web_client is here");
  const page = (await get(server.url)).body.toString();
  assert.ok(page.includes(missing), page);
  assert.match(page, /make build/);
  assert.match(server.log, /nodejs, npm/);
});

test("every built file is served as it was built, in every coding, with a tag for each", async (t) => {
  if (skipped(t)) return;
  assert.match(server.log, /frontend: the built-in web client/);
  for (const name of filesBelow(dist).filter((file) => !path.basename(file).startsWith("."))) {
    const content = readFileSync(path.join(dist, name));
    const tags = new Map();
    for (const wanted of ["br", "gzip", "identity"]) {
      const url = `${server.url}/${name.split("/").map(encodeURIComponent).join("/")}`;
      const { status, headers, body } = await get(url, { "Accept-Encoding": wanted });
      const coding = headers["content-encoding"] ?? "identity";
      assert.equal(status, 200, name);
      assert.ok(undo[coding](body).equals(content), `${name} in ${coding}`);
      assert.ok(coding === wanted || coding === "identity", `${name} in ${coding} for ${wanted}`);
      assert.ok(body.length <= content.length);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(tags.get(coding) ?? headers.etag, headers.etag);
      tags.set(coding, headers.etag);
      const again = await get(url, { "Accept-Encoding": wanted, "If-None-Match": headers.etag });
      assert.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, headers.etag]);
      const head = await get(url, { "Accept-Encoding": wanted }, "HEAD");
      assert.deepEqual([head.headers["content-length"], head.headers["content-encoding"]], [String(body.length), headers["content-encoding"]]);
      if (name.startsWith("assets/")) assert.match(headers["cache-control"], /immutable/, name);
    }
    assert.equal(new Set(tags.values()).size, tags.size);
  }
});

test("the page of every route comes with the policy", async (t) => {
  if (skipped(t)) return;
  for (const route of ["/", "/signin", "/signup", "/c/0123456789abcdef01234567"]) {
    const { status, headers, body } = await get(server.url + route, { "Accept-Encoding": "br" });
    assert.equal(status, 200);
    assert.ok(undo[headers["content-encoding"] ?? "identity"](body).equals(readFileSync(path.join(dist, "index.html"))));
    assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.equal(headers["cache-control"], "public, max-age=0");
  }
  assert.equal((await get(`${server.url}/assets/missing-BxT3k9aQ.js`)).status, 404);
});

test("a folder replaces it, without the policy, and with coded files beside its own", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "parley-site-"));
  mkdirSync(path.join(folder, "assets"));
  const script = "console.log(1);\n".repeat(100);
  writeFileSync(path.join(folder, "index.html"), "<!doctype html>mine");
  writeFileSync(path.join(folder, "assets/app.js"), script);
  writeFileSync(path.join(folder, "assets/app.js.br"), brotliCompressSync(script));
  writeFileSync(path.join(folder, "assets/app.js.gz"), gzipSync(script));
  const other = await Server.start({ flags: ["--static-dir", folder] });
  const page = await get(other.url, { "Accept-Encoding": "br" });
  assert.equal(page.body.toString(), "<!doctype html>mine");
  assert.equal(page.headers["content-security-policy"], undefined);
  for (const coding of ["br", "gzip", "identity", "br", "gzip", "identity"]) {
    const { headers, body } = await get(`${other.url}/assets/app.js`, { "Accept-Encoding": coding });
    assert.equal(headers["content-encoding"] ?? "identity", coding);
    assert.equal(headers["content-type"], "text/javascript; charset=utf-8");
    assert.equal(headers.vary, "Accept-Encoding");
    assert.equal(undo[coding](body).toString(), script);
  }
  await other.stop();
  rmSync(folder, { recursive: true });
});
