// What is compared, with whom, and the bars: data alone. run.mjs measures it, results.mjs makes the tables.
//
// A scenario: {name, family, title, load, options, quick?, per?, seed?, run?, only?, also?, figures}
//   title     {name} stands for that option
//   load      the scenario of the load generator (sockets_load or chat_load); options: its flags
//   quick     options of `make bench-quick` where they differ; per: options of one contestant where they differ, shown beside its figures
//   seed      a chat server starts with as many people as the option `users` says and so many more, and with a conversation of the option `messages`
//   run       more than one run of the load generator: (load, options, running) => report
//   only      contestants, instead of all of the family; also: others beside them
//   figures   {name, title, of, bars?, higherIsBetter?}: `of` takes it from the report of a contestant, undefined where it has none
//
// A bar: {ours, than?, of?, atMost | atLeast | under, unit?}. With `than` it is for ours by theirs (the better of several, in each round), with `of`
// by another figure of theirs; without `than` for our figure itself, which is in `unit`.

export const families = {
  sockets: { program: "sockets_load", ours: ["parley-1", "parley-all"], peers: ["node", "bun", "socketioxide-1", "socketioxide-all"] },
  chat: { program: "chat_load", ours: ["parley"], peers: ["express"] },
};

const cpu = (report) => report.server_cpu_us;
const databaseCpu = (report) => report.database_cpu_us;
const rate = (report) => report.rate;
const milliseconds = (name) => (report) => report.latency_us && report.latency_us[name] / 1000;
const kibibytes = (name) => (report) => report.figures[name] / 1024;
const figure = (name) => (report) => report.figures?.[name];

// Against servers of one thread ours runs with one and with all; against one that can do both it is one against one, and all against all.
const onOne = { node: "node", bun: "bun", socketioxide: "socketioxide-1" };
const onAll = { node: "node", bun: "bun", socketioxide: "socketioxide-all" };
const both = (than, bar) => [
  { ours: "parley-1", than: than.map((name) => onOne[name]), ...bar },
  { ours: "parley-all", than: than.map((name) => onAll[name]), ...bar },
];
const ourBoth = (bar) => [{ ours: "parley-1", ...bar }, { ours: "parley-all", ...bar }];

const express = (bar) => ({ ours: "parley", than: ["express"], ...bar });

const sockets = [
  {
    name: "echo", title: "echo, {connections} connections", load: "echo",
    options: { connections: 1000, seconds: 5 }, quick: { connections: 200, seconds: 1 },
    figures: [
      { name: "echo-cpu", title: "CPU per message, us", of: cpu,
        bars: [...both(["node"], { atMost: 0.22 }), ...both(["bun", "socketioxide"], { atMost: 0.6 })] },
      { name: "echo-rate", title: "messages per second", of: rate },
      { name: "echo-p99", title: "p99, ms", of: milliseconds("p99") },
    ],
  },
  {
    name: "echo-pipelined", title: "echo, {connections} connections, {pipeline} in flight on each", load: "echo",
    options: { connections: 1000, seconds: 5, pipeline: 8 }, quick: { connections: 200, seconds: 1 },
    figures: [
      { name: "pipelined-cpu", title: "CPU per message, us", of: cpu, bars: both(["node"], { atMost: 0.22 }) },
      { name: "pipelined-rate", title: "messages per second", of: rate },
    ],
  },
  {
    name: "broadcast", title: "broadcast to {connections}", load: "broadcast",
    options: { connections: 5000, seconds: 5 }, quick: { connections: 500, seconds: 1 },
    figures: [
      { name: "broadcast-cpu", title: "CPU per delivery, us", of: cpu, bars: [...both(["node"], { atMost: 0.45 }), ...both(["bun"], { atMost: 0.75 })] },
      { name: "broadcast-rate", title: "deliveries per second", of: rate },
    ],
  },
  {
    name: "rooms", title: "{connections} connections in rooms of {room-size}", load: "rooms",
    options: { connections: 1000, "room-size": 100, seconds: 5 }, quick: { connections: 200, "room-size": 20, seconds: 1 },
    figures: [
      { name: "rooms-cpu", title: "CPU per delivery, us", of: cpu },
      { name: "rooms-rate", title: "deliveries per second", of: rate },
    ],
  },
  {
    name: "connect", title: "{connections} connect at once, WebSocket", load: "connect",
    options: { connections: 5000, seconds: 4 }, quick: { connections: 500, seconds: 1 },
    figures: [
      { name: "connect-rate", title: "connects per second", of: rate, higherIsBetter: true, bars: both(["socketioxide"], { atLeast: 1.5 }) },
      { name: "connect-cpu", title: "CPU per connect, us", of: cpu },
    ],
  },
  {
    name: "upgrade", title: "{connections} connect by polling, then upgrade", load: "upgrade",
    options: { connections: 3000, seconds: 4 }, quick: { connections: 300, seconds: 1 },
    figures: [
      { name: "upgrade-rate", title: "clients per second", of: rate },
      { name: "upgrade-cpu", title: "CPU per client, us", of: cpu },
    ],
  },
  {
    name: "idle", title: "{connections} idle connections", load: "idle",
    options: { connections: 10_000 }, quick: { connections: 1000 },
    figures: [
      { name: "idle-memory", title: "resident memory per connection, KiB", of: kibibytes("rss_per_connection"),
        bars: [...both(["bun"], { atMost: 1 / 7 }), ...ourBoth({ under: 1.9, unit: "KiB" })] },
    ],
  },
];

/** The send rate that the server keeps up with, then deliveries at 70 % of that. */
async function atOwnCapacity(load, { users, clients, seconds }) {
  const first = await load("capacity", { users, clients, seconds });
  const { capacity_per_second } = first.figures;
  const report = await load("end_to_end", { users, seconds, rate: Math.max(1, Math.floor(capacity_per_second * 0.7)) });
  return { ...report, errors: first.errors + report.errors, figures: { ...report.figures, capacity_per_second } };
}

/** Nothing is asked of it: how fast it starts, and what it holds a second later. */
async function startAndRest(load, options, { server, residentBytes }) {
  await new Promise((done) => setTimeout(done, 1000));
  return { figures: { start_ms: server.startMs, rest_mib: residentBytes() / 2 ** 20 }, errors: 0 };
}

const chat = [
  {
    name: "start", title: "start on an empty database", options: {}, run: startAndRest,
    figures: [
      { name: "start-time", title: "until it listens, ms", of: figure("start_ms"), bars: [{ ours: "parley", under: 100, unit: "ms" }] },
      { name: "rest-memory", title: "resident memory at rest, MiB", of: figure("rest_mib"), bars: [{ ours: "parley", under: 15, unit: "MiB" }] },
    ],
  },
  {
    name: "chat-idle", title: "{users} people online, one socket each", load: "idle", seed: 0,
    options: { users: 10_000 }, quick: { users: 1000 }, per: { express: { users: 1000 } },
    figures: [
      { name: "chat-memory", title: "resident memory per socket, KiB", of: kibibytes("rss_per_socket"), bars: [{ ours: "parley", atMost: 2.5, unit: "KiB" }] },
    ],
  },
  {
    name: "send", title: "durable sends of {clients} clients in pairs", load: "send", seed: 100, also: ["commit_ceiling"],
    options: { users: 64, clients: 64, seconds: 5 }, quick: { seconds: 1 },
    figures: [
      { name: "send-cpu", title: "application CPU per send, us", of: cpu, bars: [express({ atMost: 1 / 60 })] },
      { name: "send-database-cpu", title: "database CPU per send, us", of: databaseCpu },
      { name: "send-rate", title: "sends per second (SQLite alone: rows, 100 per commit)", of: rate, higherIsBetter: true,
        bars: [{ ours: "parley", than: ["commit_ceiling"], atLeast: 0.4 }] },
      { name: "send-p99", title: "p99, ms", of: milliseconds("p99") },
      { name: "send-syncs", title: "4 KiB appended and synced, per second", of: figure("syncs_per_second") },
    ],
  },
  ...[[20, 50], [1000, 30]].map(([messages, times]) => ({
    name: `history-${messages}`, title: `a history of ${messages.toLocaleString("en")} messages`, load: "history", seed: 0,
    options: { users: 2, messages, clients: 8, seconds: 4 }, quick: { seconds: 1 },
    ...(messages > 20 && { per: { express: { clients: 1, seconds: 15 } } }), // a read takes its database most of a second
    figures: [
      { name: `history-${messages}-cpu`, title: "application CPU per read, us", of: cpu, bars: [express({ atMost: 1 / times })] },
      { name: `history-${messages}-rate`, title: "reads per second", of: rate },
    ],
  })),
  {
    name: "users", title: "the list of {users} users", load: "users", seed: 0,
    options: { users: 1000, clients: 8, seconds: 4 }, quick: { seconds: 1 },
    figures: [
      { name: "users-cpu", title: "application CPU per read, us", of: cpu, bars: [express({ atMost: 1 / 40 })] },
      { name: "users-rate", title: "reads per second", of: rate },
    ],
  },
  {
    name: "users-unchanged", title: "the same with If-None-Match: 304", load: "users", seed: 0,
    options: { users: 1000, clients: 8, seconds: 4, unchanged: true }, quick: { seconds: 1 },
    figures: [
      // Express makes the whole list to find out that it is unchanged; the bar is against its full answer, its 304 is shown.
      { name: "unchanged-cpu", title: "application CPU per read, us", of: cpu, bars: [express({ of: "users-cpu", atMost: 1 / 300 })] },
      { name: "unchanged-rate", title: "reads per second", of: rate },
    ],
  },
  {
    name: "smallest", title: "the smallest REST answer (GET /health/live)", load: "smallest", only: ["parley", "http_floor"], seed: 0,
    options: { users: 2, clients: 64, seconds: 3, path: "/health/live" }, quick: { seconds: 1 },
    figures: [
      { name: "smallest-cpu", title: "application CPU per answer, us", of: cpu, bars: [{ ours: "parley", than: ["http_floor"], atMost: 2.5 }] },
      { name: "smallest-rate", title: "answers per second", of: rate },
    ],
  },
  {
    name: "login", title: "log-ins of {clients} clients, bcrypt at cost 10", load: "login", seed: 100, also: ["hash_ceiling"],
    options: { users: 64, clients: 8, seconds: 5 }, quick: { seconds: 1 },
    figures: [
      { name: "login-rate", title: "log-ins per second (crypt_r alone: hashes)", of: rate, higherIsBetter: true,
        bars: [{ ours: "parley", than: ["hash_ceiling"], atLeast: 0.9 }] },
    ],
  },
  {
    name: "login-sends", title: "sends while {clients} clients log in", load: "login", seed: 100,
    options: { users: 64, clients: 8, seconds: 5, sends: true }, quick: { seconds: 1 },
    figures: [
      { name: "login-sends-ratio", title: "p99 of a send, during by before", bars: [{ ours: "parley", under: 5, unit: "times" }],
        of: ({ figures }) => figures.send_p99_during_us / figures.send_p99_before_us },
      { name: "login-sends-before", title: "p99 before, ms", of: ({ figures }) => figures.send_p99_before_us / 1000 },
      { name: "login-sends-during", title: "p99 during, ms", of: ({ figures }) => figures.send_p99_during_us / 1000 },
    ],
  },
  {
    name: "end-to-end", title: "REST send to newMessage, {users} sockets, {rate} messages per second", load: "end_to_end", seed: 100,
    options: { users: 200, rate: 50, seconds: 6 }, quick: { seconds: 1 },
    figures: [
      { name: "end-to-end-p50", title: "p50, ms", of: milliseconds("p50") },
      { name: "end-to-end-p99", title: "p99, ms", of: milliseconds("p99"), bars: [express({ atMost: 1 / 5 })] },
    ],
  },
  {
    name: "own-capacity", title: "the same at 70 % of its own capacity", run: atOwnCapacity, seed: 100,
    options: { users: 200, clients: 64, seconds: 5 }, quick: { seconds: 1 },
    figures: [
      { name: "capacity", title: "capacity, sends per second", of: figure("capacity_per_second") },
      { name: "own-capacity-p99", title: "p99, ms", of: milliseconds("p99"), bars: [express({ atMost: 1 / 5 })] },
    ],
  },
  {
    name: "presence-1000", title: "{users} people come online at once", load: "presence", seed: 0,
    options: { users: 1000, seconds: 0 }, quick: { users: 200 },
    figures: [
      { name: "presence-1000-time", title: "until every list is right, s", of: (report) => report.figures.all_listed_seconds,
        bars: [{ ours: "parley", under: 0.5, unit: "s" }] },
      { name: "presence-1000-bytes", title: "received per client, KiB", of: kibibytes("bytes_per_client"), bars: [express({ atMost: 1 / 20 })] },
      { name: "presence-1000-cpu", title: "application CPU per person, ms", of: (report) => report.server_cpu_us / 1000 },
    ],
  },
  {
    name: "presence-10000", title: "{users} people come online at once", load: "presence", only: ["parley"], seed: 0,
    options: { users: 10_000, seconds: 0 }, quick: { users: 1000 },
    figures: [
      { name: "presence-10000-time", title: "until every list is right, s", of: (report) => report.figures.all_listed_seconds,
        bars: [{ ours: "parley", under: 3, unit: "s" }] },
      { name: "presence-10000-bytes", title: "received per client, KiB", of: kibibytes("bytes_per_client") },
    ],
  },
];

export const scenarios = [
  ...sockets.map((scenario) => ({ family: "sockets", ...scenario })),
  ...chat.map((scenario) => ({ family: "chat", ...scenario })),
];

/** Names of those who take part, ours first. */
export function contestantsOf({ family, only, also = [] }) {
  return only ?? [...families[family].ours, ...families[family].peers, ...also];
}
