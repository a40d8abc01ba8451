// A door for TCP between a server and its database that can be shut, jammed and made slow while both think the network does it.
//
// Database addresses behind a gate need `directConnection=true`: a replica set's members tell clients where they live, and that is past the gate.
import { once } from "node:events";
import net from "node:net";

export class Gate {
  /** A gate on a port of its own in front of 127.0.0.1:`target`. */
  static async open(target) {
    const gate = new Gate();
    gate.target = target;
    gate.lanes = new Set();
    gate.mode = "pass";
    gate.opened = 0; // connections that came while the gate let any in
    gate.lost = 0; // answers thrown away
    gate.listener = net.createServer((client) => gate.#admit(client));
    gate.listener.listen(0, "127.0.0.1");
    await once(gate.listener, "listening");
    gate.port = gate.listener.address().port;
    return gate;
  }

  /** Everything goes through. Connections that have lost an answer end here: what came next would be taken for it. */
  pass() {
    this.#enter("pass");
    for (const lane of this.lanes) {
      if (lane.deaf) lane.destroy();
      else lane.resume();
    }
  }

  /** Every connection is reset, and so is every new one. */
  cut() {
    this.#enter("cut");
    for (const lane of this.lanes) lane.destroy();
  }

  /** Connections are made and kept, and nothing passes either way until pass(), which delivers what has waited. */
  stall() {
    this.#enter("stall");
    for (const lane of this.lanes) lane.pause();
  }

  /** Each chunk arrives `milliseconds` later, each way. */
  delay(milliseconds) {
    this.pass();
    this.#enter("delay");
    this.milliseconds = milliseconds;
  }

  /** Half a cut: requests reach the database and are carried out, no answer comes back. */
  swallowReplies() {
    this.pass();
    this.#enter("swallow");
  }

  /** The same on bad luck: each answer is lost with this chance, and its connection is reset instead. */
  loseReplies(chance) {
    this.pass();
    this.#enter("lose");
    this.chance = chance;
  }

  async close() {
    this.cut();
    this.listener.close();
    await once(this.listener, "close");
  }

  #enter(mode) { this.mode = mode; }

  #admit(client) {
    if (this.mode === "cut") {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    this.opened++;
    const lane = new Lane(this, client);
    this.lanes.add(lane);
    if (this.mode === "stall") lane.pause();
  }
}

// One connection through the gate.
class Lane {
  deaf = false; // an answer of this connection was thrown away

  constructor(gate, client) {
    this.gate = gate;
    this.client = client.setNoDelay(true);
    this.server = net.connect(gate.target, "127.0.0.1").setNoDelay(true);
    this.#carry(this.client, this.server, (chunk) => this.#forward(this.server, chunk));
    this.#carry(this.server, this.client, (chunk) => this.#answer(chunk));
  }

  pause() {
    this.client.pause();
    this.server.pause();
  }

  resume() {
    this.client.resume();
    this.server.resume();
  }

  destroy() {
    this.gate.lanes.delete(this);
    this.server.destroy();
    if (!this.client.destroyed) this.client.resetAndDestroy();
  }

  #carry(from, to, take) {
    from.on("data", take);
    from.on("end", () => this.#later(() => to.end()));
    from.on("error", () => this.destroy());
    from.on("close", () => {
      if (this.client.destroyed && this.server.destroyed) this.gate.lanes.delete(this);
      else if (from.errored) this.destroy();
    });
  }

  #answer(chunk) {
    const { gate } = this;
    if (gate.mode === "swallow" || (gate.mode === "lose" && Math.random() < gate.chance)) {
      gate.lost++;
      this.deaf = true;
      if (gate.mode === "lose") this.destroy();
    } else if (!this.deaf) this.#forward(this.client, chunk);
  }

  #forward(to, chunk) {
    this.#later(() => to.writable && to.write(chunk));
  }

  // Timers of equal length fire in the order they were set: chunks stay in order. Back-pressure is left out: tests are small.
  #later(act) {
    if (this.gate.mode === "delay") setTimeout(act, this.gate.milliseconds);
    else act();
  }
}
