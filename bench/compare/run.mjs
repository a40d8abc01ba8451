// Measures everything that bars.mjs lists, each contestant started fresh for each scenario, and prints the tables of docs/performance.md.
//
//     node bench/compare/run.mjs [--rounds 3] [--only PATTERN] [--growth] [--quick] [--write-docs] [--keep] [--results FILE] [--build FOLDER] [--peers FOLDER]
//
//   --only      scenarios and growth tables whose name matches, such as '^echo|presence'; more than one may be given
//   --growth    the tables of growth.mjs as well: ours alone, one round
//   --quick     ours and the machine's ceilings alone, once and in small: whether everything still runs, in less than three minutes
//   --keep      what the results file has of other scenarios stays. With --rounds 0 nothing is measured and the tables are made from the file
//   --write-docs  puts the tables into docs/performance.md
//
// In each round the contestants of a scenario run one after the other, in an order that is rotated from round to round. A ratio is made within a round.
// Everything that was found out goes into the results file (build/bench/results.json). The exit code is 1 if one of our own runs failed or had errors.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { contestantsOf, families, scenarios } from "./bars.mjs";
import { contestants } from "./contestants.mjs";
import { growth } from "./growth.mjs";
import { growthTable } from "./growth_table.mjs";
import { describe, machine } from "./machine.mjs";
import { measure, optionsOf } from "./measure.mjs";
import { Places, root } from "./places.mjs";
import { Results, valueOf } from "./results.mjs";
import { Seeds } from "./seeds.mjs";
import { digits, place } from "./tables.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    growth: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    results: { type: "string", default: path.join(root, "build/bench/results.json") },
    build: { type: "string", default: path.join(root, "build/release") },
    peers: { type: "string", default: path.join(root, "build/bench-peers") },
  },
});
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const wanted = (name) => flags.only.length === 0 || flags.only.some((pattern) => new RegExp(pattern).test(name));

const places = new Places(flags.build, flags.peers);
const everybody = contestants(places, new Seeds(places));
const titles = Object.fromEntries(Object.entries(everybody).map(([name, { title }]) => [name, title]));
const tell = (text) => process.stderr.write(text);

/** What a results file holds: {machine, rounds, quick, runs, growth}. */
function startingPoint() {
  const fresh = { machine: machine(places), rounds, quick: flags.quick, runs: [], growth: [] };
  if (!flags.keep || !existsSync(flags.results)) return fresh;
  const old = JSON.parse(readFileSync(flags.results, "utf8"));
  if (rounds === 0 && !flags.growth) return old;
  return {
    ...fresh,
    rounds: Math.max(rounds, old.rounds),
    runs: old.runs.filter(({ scenario }) => rounds === 0 || !wanted(scenario)),
    growth: old.growth.filter(({ table }) => !flags.growth || !wanted(table)),
  };
}

const results = startingPoint();
const measured = []; // by us, now

function save() {
  mkdirSync(path.dirname(flags.results), { recursive: true });
  writeFileSync(flags.results, `${JSON.stringify(results, null, 1)}\n`);
}

/** Runs it, and keeps what came of it as {...about, seconds, options, report} or {…, failed}. */
async function record(list, about, scenario, contestant, options) {
  const began = performance.now();
  const run = { ...about, options };
  try {
    run.report = await measure(places, scenario, contestant, options);
  } catch (error) {
    run.failed = error.message.split("\n")[0];
  }
  run.seconds = Math.round(performance.now() - began) / 1000;
  list.push(run);
  if (contestant.ours) measured.push(run);
  save();
  return run;
}

function summary({ report, failed, seconds }, figures) {
  if (failed) return `failed: ${failed}`;
  const told = figures.map(({ title, of }) => ({ title, value: valueOf({ of }, report) })).filter(({ value }) => value !== undefined);
  const errors = report.errors ? ` (${report.errors} ERRORS)` : "";
  return `${told.map(({ title, value }) => `${title}: ${digits(value)}`).join("; ")}${errors} [${seconds.toFixed(1)} s]`;
}

async function oneScenario(scenario, round) {
  const names = contestantsOf(scenario).filter((name) => !flags.quick || everybody[name].ours || everybody[name].ceiling);
  const first = round % names.length;
  for (const [position, name] of [...names.slice(first), ...names.slice(0, first)].entries()) {
    tell(`round ${round + 1} of ${rounds}, ${scenario.name}, ${titles[name]}: `);
    const about = { scenario: scenario.name, contestant: name, round, position };
    tell(`${summary(await record(results.runs, about, scenario, everybody[name], optionsOf(scenario, name, flags.quick)), scenario.figures)}\n`);
  }
}

async function oneGrowthTable({ name: table, head, sizes, measurements }) {
  for (const size of sizes) {
    for (const measurement of measurements) {
      tell(`${table}, ${size.toLocaleString("en")} ${head}, ${measurement.name}: `);
      const about = { table, size, measurement: measurement.name };
      const figures = measurement.columns.map(({ title, of }) => ({ title, of: (report) => of(report, size) }));
      const scenario = { ...measurement, seed: typeof measurement.seed === "function" ? measurement.seed(size) : measurement.seed };
      tell(`${summary(await record(results.growth, about, scenario, everybody[measurement.contestant], measurement.options(size)), figures)}\n`);
    }
  }
}

/** Name and text of every table that there are results for. */
function tables() {
  const made = new Results(results.runs, titles);
  const all = [["machine", describe(results.machine, results.rounds)]];
  for (const family of Object.keys(families)) {
    if (!made.has(family)) continue;
    if (made.bars(family).length > 0) all.push([`${family}-bars`, made.barsTable(family)]);
    all.push([family, made.figures(family)]);
  }
  for (const one of growth) if (results.growth.some(({ table }) => table === one.name)) all.push([one.name, growthTable(one, results.growth)]);
  return all;
}

for (let round = 0; round < rounds; round++) {
  for (const scenario of scenarios) if (wanted(scenario.name)) await oneScenario(scenario, round);
}
if (flags.growth) for (const table of growth) if (wanted(table.name)) await oneGrowthTable(table);
save();

const shown = tables().filter(([name]) => !flags.quick || !name.endsWith("-bars"));
console.log(shown.map(([name, text]) => `${name}\n\n${text}`).join("\n\n"));
if (flags["write-docs"]) {
  const file = path.join(root, "docs/performance.md");
  writeFileSync(file, shown.reduce((document, [name, text]) => place(document, name, text), readFileSync(file, "utf8")));
}
const bad = measured.filter(({ failed, report }) => failed || report.errors > 0);
for (const { scenario, table, size, measurement, contestant, failed, report } of bad) {
  tell(`${scenario ?? `${table}, ${size}, ${measurement}`}${contestant ? `, ${titles[contestant]}` : ""}: ${failed ?? `${report.errors} errors`}\n`);
}
process.exit(bad.length > 0 ? 1 : 0);
