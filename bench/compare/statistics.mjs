// What is made of the figures of several rounds. A figure that a round could not get is undefined, and left out.

const known = (values) => values.filter((value) => typeof value === "number" && Number.isFinite(value));

export function median(values) {
  const sorted = known(values).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** {median, least, most, rounds}, or undefined if no round had a figure. */
export function spread(values) {
  const some = known(values);
  if (some.length === 0) return undefined;
  return { median: median(some), least: Math.min(...some), most: Math.max(...some), rounds: some.length };
}

/** Ours by theirs, round by round: both were measured within minutes of each other, rounds may be an hour apart. */
export function ratios(ours, theirs) {
  return ours.map((value, round) => (theirs[round] > 0 ? value / theirs[round] : undefined));
}

/** The better of several peers in each round; none in a round in which one of them has no figure: nobody wins by another's absence. */
export function best(series, higherIsBetter) {
  const rounds = Math.max(0, ...series.map((values) => values.length));
  return Array.from({ length: rounds }, (_, round) => {
    const values = known(series.map((one) => one[round]));
    if (values.length < series.length) return undefined;
    return higherIsBetter ? Math.max(...values) : Math.min(...values);
  });
}

/** Whether a median is within a bar, {atMost} or {atLeast} (inclusive) or {under} (exclusive). */
export function holds(bar, value) {
  if (bar.atMost !== undefined) return value <= bar.atMost;
  if (bar.atLeast !== undefined) return value >= bar.atLeast;
  return value < bar.under;
}
