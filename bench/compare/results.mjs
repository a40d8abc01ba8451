// From what every run said to the tables of docs/performance.md.
import { contestantsOf, families, scenarios } from "./bars.mjs";
import { best, holds, ratios, spread } from "./statistics.mjs";
import { digits, range, table } from "./tables.mjs";

/** "{users} users" with the options in their places. */
export function fill(text, options) {
  return text.replaceAll(/\{([\w-]+)\}/g, (_, name) => Number(options[name]).toLocaleString("en"));
}

// A bar such as 1/60 is read, and met, in fractions.
const isFraction = (limit) => limit < 1 && Math.abs(1 / limit - Math.round(1 / limit)) < 1e-9;
const fraction = (value) => `1/${digits(1 / value)}`;

function judged(bar) {
  const [sign, limit] = bar.atMost !== undefined ? ["≤", bar.atMost] : bar.atLeast !== undefined ? ["≥", bar.atLeast] : ["<", bar.under];
  const unit = bar.unit ? ` ${bar.unit}` : "";
  if (bar.than && isFraction(limit)) return { text: `${sign} 1/${Math.round(1 / limit)}`, write: (found) => range(found, fraction) };
  return { text: `${sign} ${limit}${unit}`, write: (found) => range(found) + unit };
}

/** The runs of one measuring, and who was in it: `titles` has the contestants' names as people read them. */
export class Results {
  #runs;
  #titles;

  constructor(runs, titles) {
    this.#runs = runs;
    this.#titles = titles;
  }

  #of(scenario, contestant) {
    return this.#runs.filter((run) => run.scenario === scenario.name && run.contestant === contestant);
  }

  #errors(scenario, contestant) {
    return this.#of(scenario, contestant).reduce((sum, { report }) => sum + (report?.errors ?? 0), 0);
  }

  #measured(scenario) { return this.#runs.some((run) => run.scenario === scenario.name); }

  /** Whether anything of a family was measured. */
  has(family) { return scenarios.some((scenario) => scenario.family === family && this.#measured(scenario)); }

  /** The figure of each round. */
  series(name, contestant) {
    const scenario = scenarios.find(({ figures }) => figures.some((figure) => figure.name === name));
    const figure = scenario.figures.find((one) => one.name === name);
    const values = [];
    for (const { round, report } of this.#of(scenario, contestant)) values[round] = valueOf(figure, report);
    return Array.from(values);
  }

  #cell(scenario, figure, contestant) {
    const runs = this.#of(scenario, contestant);
    if (runs.length === 0) return "";
    const failed = runs.filter((run) => run.failed);
    if (failed.length === runs.length) return figure === scenario.figures[0] ? `failed: ${failed[0].failed}` : "failed";
    const value = spread(this.series(figure.name, contestant));
    const errors = this.#errors(scenario, contestant);
    const notes = Object.entries(scenario.per?.[contestant] ?? {}).map(([name, one]) => `${name}: ${one.toLocaleString("en")}`);
    if (errors > 0) notes.push(`${errors.toLocaleString("en")} errors`);
    if (failed.length > 0) notes.push(`failed in ${failed.length} of ${runs.length} rounds`);
    return [value ? range(value) : "–", ...notes].join(", ");
  }

  /** Every figure of a family, a column for each contestant. */
  figures(family) {
    const measured = scenarios.filter((scenario) => scenario.family === family && this.#measured(scenario));
    const there = (name) => this.#runs.some(({ contestant, scenario }) => contestant === name && measured.some((one) => one.name === scenario));
    const columns = [...families[family].ours, ...families[family].peers].filter(there);
    const ceilings = [...new Set(measured.flatMap(contestantsOf))].filter((name) => there(name) && !columns.includes(name));
    const rows = measured.flatMap((scenario) => {
      const { options } = this.#runs.find((run) => run.scenario === scenario.name);
      return scenario.figures.map((figure, i) => [
        i === 0 ? `${fill(scenario.title, options)}: ${figure.title}` : `… ${figure.title}`,
        ...columns.map((name) => this.#cell(scenario, figure, name)),
        ...(ceilings.length > 0 ? [ceilings.map((name) => this.#cell(scenario, figure, name)).filter((text) => text && text !== "–").join("; ")] : []),
      ]);
    });
    return table(["", ...columns.map((name) => this.#titles[name]), ...(ceilings.length > 0 ? ["the machine alone"] : [])], rows);
  }

  /** Every bar of a family: {what, ours, beside, found, bar, verdict}. */
  bars(family) {
    return scenarios.filter((scenario) => scenario.family === family && this.#measured(scenario)).flatMap((scenario) => {
      const { options } = this.#runs.find((run) => run.scenario === scenario.name);
      return scenario.figures.flatMap((figure) => (figure.bars ?? []).map((bar) => this.#judge(scenario, figure, bar, options)));
    });
  }

  #judge(scenario, figure, bar, options) {
    const ours = this.series(figure.name, bar.ours);
    const theirs = bar.than && best(bar.than.map((name) => this.series(bar.of ?? figure.name, name)), figure.higherIsBetter);
    const found = spread(bar.than ? ratios(ours, theirs) : ours);
    const { text, write } = judged(bar);
    return {
      what: `${fill(scenario.title, options)}: ${figure.title}`,
      ours: this.#titles[bar.ours],
      beside: (bar.than ?? []).map((name) => this.#titles[name]).join(" or ") + (bar.of ? ", in full" : ""),
      found: found ? write(found) : "no figure",
      bar: text,
      verdict: !found ? "failed" : this.#errors(scenario, bar.ours) > 0 ? "has errors" : holds(bar, found.median) ? "holds" : "misses",
    };
  }

  barsTable(family) {
    const rows = this.bars(family).map(({ what, ours, beside, found, bar, verdict }) => [
      what, ours, beside, found, bar, verdict === "holds" ? verdict : `**${verdict}**`,
    ]);
    return table(["", "ours", "beside", "figure, or ours by theirs", "bar", ""], rows);
  }
}

/** A figure that cannot be taken from a report is none; so is one of a run in which nothing was done. */
export function valueOf(figure, report) {
  if (!report) return undefined;
  let value;
  try { value = figure.of(report); } catch { return undefined; }
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
