// One HTTP request with its time, on a connection of the caller's choice.
import http from "node:http";

/** One request on a connection of the agent's: {status, text, milliseconds}; {lost} when no answer came, with its status if it came in part. */
export function call(agent, server, method, path, { cookie, body, headers = {}, patience = 20_000 } = {}) {
  const began = performance.now();
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((done) => {
    const end = (result) => done({ ...result, milliseconds: performance.now() - began });
    const request = http.request(server.url + path, {
      method, agent, timeout: patience,
      headers: { ...headers, ...(cookie ? { Cookie: cookie } : {}), ...(bytes ? { "Content-Type": "application/json", "Content-Length": bytes.length } : {}) },
    }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => { text += chunk; });
      response.on("end", () => end({ status: response.statusCode, text }));
      response.on("error", (error) => end({ lost: error.message, status: response.statusCode }));
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${patience} ms`)));
    request.on("error", (error) => end({ lost: error.message }));
    request.end(bytes);
  });
}
