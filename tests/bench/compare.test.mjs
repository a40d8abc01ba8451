// What bench/compare makes of figures: medians, ratios within rounds, verdicts, tables. Nothing is measured here.
import assert from "node:assert/strict";
import test from "node:test";

import { contestantsOf, scenarios } from "../../bench/compare/bars.mjs";
import { Results } from "../../bench/compare/results.mjs";
import { best, holds, median, ratios, spread } from "../../bench/compare/statistics.mjs";
import { digits, place, table } from "../../bench/compare/tables.mjs";

const titles = Object.fromEntries(scenarios.flatMap(contestantsOf).map((name) => [name, name]));

/** Runs of the echo scenario: {contestant: [CPU of each round, or a sentence about what failed]}. */
function echo(figures) {
  const runs = Object.entries(figures).flatMap(([contestant, values]) => values.map((value, round) => ({
    scenario: "echo", contestant, round, options: { connections: 1000 },
    ...(typeof value === "string" ? { failed: value } : { report: { server_cpu_us: value, errors: 0 } }),
  })));
  return new Results(runs, titles);
}

test("a round without a figure is left out", () => {
  assert.equal(median([3, undefined, 1, NaN, 2]), 2);
  assert.equal(median([4, 1]), 2.5);
  assert.deepEqual(spread([3, undefined, 1]), { median: 2, least: 1, most: 3, rounds: 2 });
  assert.equal(spread([undefined]), undefined);
});

test("ratios are taken within rounds, against the better peer of each", () => {
  assert.deepEqual(ratios([1, 2, 3, 4], [10, 10, undefined, 0]), [0.1, 0.2, undefined, undefined]);
  assert.deepEqual(best([[5, 9], [7, 8, 6]], false), [5, 8, undefined]);
  assert.deepEqual(best([[5, 9], [7, 8]], true), [7, 9]);
});

test("a bar is kept at its limit, and `under` is not", () => {
  assert.deepEqual([holds({ atMost: 2 }, 2), holds({ atLeast: 2 }, 2), holds({ under: 2 }, 2)], [true, true, false]);
  assert.deepEqual([holds({ atMost: 2 }, 2.1), holds({ atLeast: 2 }, 1.9), holds({ under: 2 }, 1.9)], [false, false, true]);
});

test("numbers have about three digits", () => {
  assert.deepEqual([0, 0.21444, 7.129, 71.29, 712.9, 71290].map(digits), ["0", "0.214", "7.13", "71.3", "713", "71,290"]);
});

test("a verdict is that of the median ratio, and every bar has one", () => {
  const bars = echo({ "parley-1": [2, 2, 3], node: [10, 8, 10], bun: [4, 4, 4], "socketioxide-1": [5, 3, 5] }).bars("sockets");
  assert.deepEqual(bars.map(({ ours, beside, found, verdict }) => [ours, beside, found, verdict]), [
    ["parley-1", "node", "0.25 (0.2–0.3)", "misses"],
    ["parley-all", "node", "no figure", "failed"],
    ["parley-1", "bun or socketioxide-1", "0.667 (0.5–0.75)", "misses"],
    ["parley-all", "bun or socketioxide-all", "no figure", "failed"],
  ]);
});

test("who failed is in the table, and why", () => {
  const text = echo({ "parley-1": [2, 3], node: ["the server | ended", "again"], bun: [4, "late"] }).figures("sockets");
  assert.match(text.split("\n")[2], /^\| echo, 1,000 connections: CPU per message, us \| 2\.50 \(2\.00–3\.00\) \| failed: the server \\\| ended \| 4\.00, failed in 1 of 2 rounds \|$/);
});

test("a table goes between its markers, and must have a place", () => {
  const document = "before\n<!-- table a: begin -->\nold\n<!-- table a: end -->\nafter";
  assert.equal(place(document, "a", table(["x"], [["1"]])), "before\n<!-- table a: begin -->\n| x |\n| --- |\n| 1 |\n<!-- table a: end -->\nafter");
  assert.throws(() => place(document, "b", ""), /no place for the table b/);
});

test("names of scenarios and figures are unique, and bars name who is there", () => {
  const unique = (names) => assert.equal(new Set(names).size, names.length);
  unique(scenarios.map(({ name }) => name));
  const figures = scenarios.flatMap((scenario) => scenario.figures.map((figure) => ({ scenario, figure })));
  unique(figures.map(({ figure }) => figure.name));
  for (const { scenario, figure } of figures) {
    for (const { ours, than = [], of } of figure.bars ?? []) {
      for (const name of [ours, ...than]) assert.ok(contestantsOf(scenario).includes(name), `${figure.name}: ${name}`);
      assert.ok(!of || figures.some((other) => other.figure.name === of), of);
    }
  }
});
