// One run: one contestant, started fresh, in one scenario.
import { families } from "./bars.mjs";
import { finishWithJson, residentBytes } from "./programs.mjs";
import { jwtSecret } from "./seeds.mjs";

/** {connections: 1000, sends: true} as flags. */
function flags(options) {
  return Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
}

export function optionsOf(scenario, contestant, quick) {
  return { ...scenario.options, ...(quick ? scenario.quick : {}), ...scenario.per?.[contestant] };
}

function seedOf({ seed }, { users, messages }) {
  return seed === undefined ? undefined : { users: users + seed, messages };
}

/** Calls the load generator of the family for one server. It bounds itself; the limit here is for one that hangs. */
function loader(places, { family, patience = 150 }, running) {
  const program = places.program(families[family].program);
  const server = ["--port", running.port, "--server-pid", running.pid];
  if (family === "chat") server.push("--jwt-secret", jwtSecret);
  if (running.databasePid) server.push("--database-pid", running.databasePid);
  return (name, options) => finishWithJson([program, name, ...server, ...flags(options)], { seconds: patience });
}

/** The report of a run. Throws a sentence if there is none. */
export async function measure(places, scenario, contestant, options) {
  if (contestant.measure) return contestant.measure(options);
  const running = await contestant.start(seedOf(scenario, options));
  try {
    const load = loader(places, scenario, running);
    const tools = { ...running, residentBytes: () => residentBytes(running.pid) };
    const report = scenario.run ? await scenario.run(load, options, tools) : await load(scenario.load, options);
    running.server.check();
    return report;
  } finally {
    await running.stop();
  }
}
