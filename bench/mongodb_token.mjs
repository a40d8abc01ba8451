// Tokens as the server makes them (HS256), for bench/mongodb.mjs and its peer.
import { createHmac, timingSafeEqual } from "node:crypto";

const mac = (signed, secret) => createHmac("sha256", secret).update(signed).digest();
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export function sign(userId, secret) {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ userId, iat: now, exp: now + 86_400 })}`;
  return `${signed}.${mac(signed, secret).toString("base64url")}`;
}

/** The user's id, or undefined if the token is none of ours. */
export function verify(token, secret) {
  const [head, body, signature] = token.split(".");
  const wanted = mac(`${head}.${body}`, secret);
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return JSON.parse(Buffer.from(body, "base64url")).userId;
}
