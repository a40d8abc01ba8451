// The client's own texts, so that tests name buttons as people see them. web/src/i18n holds plain objects for this.
import { readFileSync } from "node:fs";

function read(language) {
  const source = readFileSync(new URL(`../../web/src/i18n/${language}.ts`, import.meta.url), "utf8");
  const object = /export const \w+(?::[^=]+)? = (\{[\s\S]*?\n\});/.exec(source)[1];
  return new Function(`return ${object}`)();
}

const texts = { en: read("en"), de: read("de") };

/** t("people.unread.other", { count: 3 }): the text with its blanks filled. */
export const textsOf = (language) => (key, values = {}) => {
  const text = texts[language][key];
  if (text === undefined) throw new Error(`the client has no text "${key}"`);
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
};
export const t = textsOf("en");
