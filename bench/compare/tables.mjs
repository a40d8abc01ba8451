// Markdown: how a figure is written, tables, and the places in a document where they go.

/** About three digits, as a person would write them: 0.214, 7.13, 71.3, 713, 7,130. */
export function digits(value) {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en");
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size === 0) return "0";
  return String(Number(value.toPrecision(3)));
}

/** "7.13 (6.90–7.40)", or the median alone where nothing else was seen. */
export function range({ median, least, most }, write = digits) {
  const [middle, low, high] = [median, least, most].map((value) => write(value));
  return low === high ? middle : `${middle} (${low}–${high})`;
}

const cell = (text) => String(text ?? "").replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();

export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");
}

/** The document with `text` between its markers of `name`. Throws if they are not there. */
export function place(document, name, text) {
  const [begin, end] = ["begin", "end"].map((side) => `<!-- table ${name}: ${side} -->`);
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for the table ${name}`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}
