// What was recorded beside what is observed, or beside what a scenario expects instead.

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const short = (value) => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 240 ? `${text.slice(0, 240)}...` : text;
};

/** Which recorded placeholder stands for which observed one; must stay one to one. */
export class Pairing {
  constructor(forth = new Map(), back = new Map()) {
    this.forth = forth;
    this.back = back;
  }
  copy() { return new Pairing(new Map(this.forth), new Map(this.back)); }
  join(recorded, observed) {
    if (!this.forth.has(recorded) && !this.back.has(observed)) {
      this.forth.set(recorded, observed);
      this.back.set(observed, recorded);
    }
    return this.forth.get(recorded) === observed;
  }
}

/** What comparing adds to. `tolerated`: { avatar, extraKeys }, which differences count for nothing. */
export const newReport = (pairing, tolerated) => ({ differences: [], warnings: [], pairing, tolerated });

const placeholder = /<(?:id|sid):\d+>/g;

function sameText(recorded, observed, pairing) {
  if (recorded.replace(placeholder, "<#>") !== observed.replace(placeholder, "<#>")) return false;
  const others = observed.match(placeholder) ?? [];
  return (recorded.match(placeholder) ?? []).every((each, index) => pairing.join(each, others[index]));
}

/** Headers that a replacement may add without a client noticing are only warned about. */
const addedHeaderMatters = (name) =>
  /^(access-control-(?!allow-credentials$)|location$|content-encoding$|www-authenticate$|allow$)/.test(name);

/** Compares with a recorded outcome; appends to report.differences and report.warnings. */
export function compare(recorded, observed, where, report) {
  const differ = () => report.differences.push(`${where}: expected ${short(recorded)}, got ${short(observed)}`);
  if (report.tolerated.avatar && where.endsWith(".profilePic") && recorded && observed) return;
  if (where.endsWith(".eventsBeforeReply")) {
    if (recorded.join() !== observed?.join()) report.warnings.push(`${where}: expected ${short(recorded)}, got ${short(observed)}`);
  } else if (typeof recorded === "string" && typeof observed === "string") {
    if (!sameText(recorded, observed, report.pairing)) differ();
  } else if (Array.isArray(recorded) && Array.isArray(observed)) {
    if (recorded.length !== observed.length) return differ();
    recorded.forEach((item, index) => compare(item, observed[index], `${where}.${index}`, report));
  } else if (isObject(recorded) && isObject(observed)) {
    for (const key of Object.keys(recorded)) compare(recorded[key], observed[key], `${where}.${key}`, report);
    for (const key of Object.keys(observed).filter((name) => !(name in recorded))) {
      const extra = `${where}.${key}: extra, ${short(observed[key])}`;
      const harmless = where.endsWith(".headers") ? !addedHeaderMatters(key)
        : where.endsWith(".jwt.payload") ? key === "sid" // a session id inside the token is the decided way to revoke it
          : report.tolerated.extraKeys && /\.(json|events)\b/.test(where);
      (harmless ? report.warnings : report.differences).push(extra);
    }
    const shared = (from, to) => Object.keys(from).filter((key) => key in to).join();
    if (!/headers$|attributes$/.test(where) && shared(recorded, observed) !== shared(observed, recorded)) {
      report.warnings.push(`${where}: key order, expected ${shared(recorded, observed)}, got ${shared(observed, recorded)}`);
    }
  } else if (recorded !== observed) differ();
}

/** Compares with a hand-written expectation: objects may hold more than it names. */
export function match(expected, observed, where, report) {
  const differ = () => report.differences.push(`${where}: expected ${short(expected)}, got ${short(observed)}`);
  if (expected === "<any>") return observed === undefined && differ();
  if (expected === "<absent>") return observed !== undefined && differ();
  if (expected === "<string>") return (typeof observed !== "string" || !observed) && differ();
  if (where.endsWith(".status") && Array.isArray(expected)) return !expected.includes(observed) && differ();
  if (isObject(expected) && "<one of>" in expected) return !expected["<one of>"].includes(observed) && differ();
  if (Array.isArray(expected) && Array.isArray(observed)) {
    if (expected.length !== observed.length) return differ();
    return expected.forEach((item, index) => match(item, observed[index], `${where}.${index}`, report));
  }
  if (isObject(expected) && isObject(observed)) {
    return Object.keys(expected).forEach((key) => match(expected[key], observed[key], `${where}.${key}`, report));
  }
  if (expected !== observed) differ();
}
