// Bytes on a TCP connection, for requests that no client library would send.
import net from "node:net";

/**
 * Sends `bytes`, reads until the server closes or `milliseconds` pass; tells what came and whether it closed.
 * `later` is sent 100 ms after.
 */
export function exchange(server, bytes, milliseconds = 3000, later = "") {
  return new Promise((done) => {
    const socket = net.connect(server.port, "127.0.0.1", () => {
      socket.write(bytes);
      if (later) setTimeout(() => socket.write(later), 100);
    });
    let text = "";
    const finish = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      done({ text, closed, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)) });
    };
    const timer = setTimeout(() => finish(false), milliseconds);
    socket.on("data", (chunk) => { text += chunk.toString("latin1"); });
    socket.on("end", () => finish(true));
    socket.on("error", () => finish(true));
  });
}
