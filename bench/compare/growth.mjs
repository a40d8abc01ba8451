// Our own server as things grow: data alone, one round. A table: {name, head, sizes, measurements}; a measurement is a scenario of bars.mjs whose
// options come from the size (and seed may), with `columns`: {title, of(report, size)}.
import { userId } from "./seeds.mjs";

const cpu = (report) => report.server_cpu_us;
const milliseconds = (microseconds) => microseconds / 1000;
const onAll = { family: "sockets", contestant: "parley-all" };
const inChat = { family: "chat", contestant: "parley", seed: 0 };

async function atRest(load, options, { residentBytes }) {
  await load("users", { users: options.users, clients: 1, seconds: 1 }); // once used: what it caches for its users is there
  return { figures: { resident_mib: residentBytes() / 2 ** 20 }, errors: 0 };
}

export const growth = [
  {
    name: "growth-connections", head: "connections", sizes: [1000, 5000, 10_000, 18_000],
    measurements: [
      { ...onAll, name: "idle", load: "idle", options: (connections) => ({ connections }),
        columns: [{ title: "memory per idle connection, KiB", of: ({ figures }) => figures.rss_per_connection / 1024 }] },
      { ...onAll, name: "connect", load: "connect", options: (connections) => ({ connections, seconds: 3 }),
        columns: [{ title: "connects per second", of: ({ rate }) => rate }] },
      { ...onAll, name: "broadcast", load: "broadcast", options: (connections) => ({ connections, seconds: 3 }),
        columns: [{ title: "broadcast: CPU per delivery, us", of: cpu }, { title: "until all have it (p50), ms", of: (r) => milliseconds(r.latency_us.p50) }] },
      { ...inChat, name: "presence", load: "presence", options: (users) => ({ users, seconds: 0 }),
        columns: [
          { title: "people online at once: every list right, s", of: ({ figures }) => figures.all_listed_seconds },
          { title: "received per client, KiB", of: ({ figures }) => figures.bytes_per_client / 1024 },
        ] },
    ],
  },
  {
    name: "growth-conversations", head: "messages in the conversation", sizes: [10, 100, 1000, 10_000, 100_000],
    measurements: [
      { ...inChat, name: "send", load: "send", seed: 100, options: (messages) => ({ users: 2, messages, clients: 2, seconds: 3 }),
        columns: [{ title: "CPU per send (2 clients, a fresh conversation beside it), us", of: cpu }] },
      { ...inChat, name: "newest", load: "smallest",
        options: (messages) => ({ users: 2, messages, clients: 8, seconds: 2, path: `/api/messages/${userId(1)}?limit=50` }),
        columns: [{ title: "CPU of the newest 50, us", of: cpu }] },
      { ...inChat, name: "history", load: "history", options: (messages) => ({ users: 2, messages, clients: 2, seconds: 3 }),
        columns: [{ title: "CPU of the whole history, per message, us", of: (report, messages) => report.server_cpu_us / messages }] },
    ],
  },
  {
    name: "growth-users", head: "users", sizes: [1000, 10_000, 100_000],
    measurements: [
      { ...inChat, name: "users", load: "users", options: (users) => ({ users, clients: 2, seconds: 3 }),
        columns: [{ title: "CPU of the user list, per user, us", of: (report, users) => report.server_cpu_us / users }] },
      { ...inChat, name: "rest", run: atRest, options: (users) => ({ users }),
        columns: [{ title: "resident memory, MiB", of: ({ figures }) => figures.resident_mib }] },
      { ...inChat, name: "presence", load: "presence", seed: (users) => users - 1000, options: () => ({ users: 1000, seconds: 0 }),
        columns: [{ title: "1,000 of them come online at once: every list right, s", of: ({ figures }) => figures.all_listed_seconds }] },
    ],
  },
  {
    name: "growth-logins", head: "log-ins at once", sizes: [100],
    measurements: [
      { ...inChat, name: "storm", load: "storm", seed: 100, options: (logins) => ({ users: logins, clients: logins }),
        columns: [
          { title: "log-ins per second", of: ({ rate }) => rate },
          { title: "log-in p99, ms", of: (r) => milliseconds(r.latency_us.p99) },
          { title: "p99 of a send before, ms", of: ({ figures }) => milliseconds(figures.send_p99_before_us) },
          { title: "p99 of a send during, ms", of: ({ figures }) => milliseconds(figures.send_p99_during_us) },
        ] },
    ],
  },
];
