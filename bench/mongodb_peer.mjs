// The peer of bench/mongodb.mjs: the original's way of serving one send or one history, over Mongoose and plain node:http (no Express: it would only add).
//     node bench/mongodb_peer.mjs URI JWT_SECRET     prints its port
// Per request, as there: the token is verified and its user loaded; a send finds the conversation with its whole array, pushes, and saves two documents.
import http from "node:http";

import { MongooseSite } from "../tests/mongodb/mongoose_site.mjs";
import { verify } from "./mongodb_token.mjs";

const [uri, secret] = process.argv.slice(2);
const site = await MongooseSite.open(uri);

function identify(request) {
  const userId = verify(/jwt=([^;]*)/.exec(request.headers.cookie ?? "")?.[1] ?? "", secret);
  return userId && site.User.findById(userId).select("-password");
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
}

async function answer(request) {
  const { message } = await bodyOf(request);
  const me = await identify(request);
  if (!me) return [401, { error: "Unauthorized" }];
  const other = { id: request.url.split("/").at(-1) };
  if (request.method === "POST") return [201, await site.send({ id: me._id.toString() }, other, message)];
  return [200, await site.history({ id: me._id.toString() }, other)];
}

const server = http.createServer(async (request, response) => {
  let reply;
  try { reply = await answer(request); } catch (error) { reply = [500, { error: error.message }]; }
  response.writeHead(reply[0], { "Content-Type": "application/json" });
  response.end(JSON.stringify(reply[1]));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
