// A growth table: a row for each size, a column for each figure.
import { valueOf } from "./results.mjs";
import { digits, table } from "./tables.mjs";

function cell(run, column, size) {
  if (!run) return "";
  if (run.failed) return `failed: ${run.failed}`;
  const value = valueOf({ of: (report) => column.of(report, size) }, run.report);
  const errors = run.report.errors > 0 ? `, ${run.report.errors} errors` : "";
  return (value === undefined ? "–" : digits(value)) + errors;
}

export function growthTable({ name, head, sizes, measurements }, runs) {
  const find = (size, measurement) => runs.find((run) => run.table === name && run.size === size && run.measurement === measurement.name);
  const rows = sizes.map((size) => [
    size.toLocaleString("en"),
    ...measurements.flatMap((measurement) => measurement.columns.map((column) => cell(find(size, measurement), column, size))),
  ]);
  return table([head, ...measurements.flatMap(({ columns }) => columns.map(({ title }) => title))], rows);
}
