import { manyTimes, replaceOne, type Mutation } from "./mutations.ts";

const values: readonly string[] = [
  "null",
  "true",
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "1e3",
  "1e999",
  "2147483647",
  "2147483648",
  "9007199254740993",
  "1".repeat(400),
  `""`,
  `" "`,
  `"Contoso Ledger"`,
  `"{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}"`,
  `"ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b"`,
  `"{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B"`,
  `"SYSTEM"`,
  `"S-1-5-32-544"`,
  `"S-1-5-32-545"`,
  `"S-1-5-21-1-2-3-4294967296"`,
  `"\\u0000"`,
  `"\\ud83d"`,
  `"\uD83D"`,
  `"\u{1F4D2}"`,
  `"\\u2028"`,
  `"a/b\\\\c"`,
  "[]",
  "{}",
  "[[]]",
  `{"__proto__":{"name":"x"}}`,
  `["SYSTEM","Administrators"]`,
  `"leave"`,
  `"keepStopped"`,
  `{"preRestore":1}`,
];

const keys: readonly string[] = [
  "$schema",
  "name",
  "writerId",
  "applicationIdentifier",
  "clsid",
  "appId",
  "services",
  "timeoutsMs",
  "preRestore",
  "checkConsistency",
  "serviceTimeoutMs",
  "lingerMs",
  "onFailure",
  "onPreRestoreFailure",
  "security",
  "allow",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "",
];

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/gu;
const key = /"(?:[^"\\]|\\.)*"(?=\s*:)/gu;
const entry = /"(?:[^"\\]|\\.)*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[\d.-]+),?/gu;
const opening = /[[{]/gu;
const inString = /(?<=")[^"\\]{3,}(?=")/gu;

/** Mutations that use the structure of JSON. */
export const jsonMutations: readonly Mutation[] = [
  function setValue(text, random) {
    return replaceOne(text, token, random, () => random.pick(values));
  },
  function setField(text, random) {
    return replaceOne(text, entry, random, (found) => {
      const comma = found.endsWith(",") ? "," : "";
      return `"${random.pick(keys)}": ${random.pick(values)}${comma}`;
    });
  },
  function swapValue(text, random, others) {
    const found = random.pick(others).match(token) ?? ["null"];
    return replaceOne(text, token, random, () => random.pick(found));
  },
  function renameKey(text, random) {
    return replaceOne(text, key, random, () => JSON.stringify(random.pick(keys)));
  },
  function addField(text, random) {
    const field = `"${random.pick(keys)}": ${random.pick(values)}`;
    return text.replace(/\{/u, (brace) => `${brace}${field},`);
  },
  function addManyFields(text, random) {
    const count = manyTimes(random);
    const many = Array.from({ length: count }, (_, index) => `"field${index}": ${index},`);
    return text.replace(/\{/u, (brace) => brace + many.join(""));
  },
  function dropField(text, random) {
    return replaceOne(text, entry, random, () => "");
  },
  function repeatField(text, random) {
    return replaceOne(text, entry, random, (found) => `${found.replace(/,$/u, "")},${found}`);
  },
  function addItems(text, random) {
    const items = Array.from({ length: manyTimes(random) }, (_, index) =>
      random.once(3) ? random.pick(values) : JSON.stringify(`item ${index}`),
    );
    return replaceOne(text, /\[/gu, random, (bracket) => `${bracket}${items.join(",")},`);
  },
  function nest(text, random) {
    const [open, close] = random.once(2) ? ["[", "]"] : [`{"a":`, "}"];
    const count = manyTimes(random);
    return replaceOne(
      text,
      token,
      random,
      (found) => open.repeat(count) + found + close.repeat(random.once(9) ? 0 : count),
    );
  },
  function open(text, random) {
    return replaceOne(text, opening, random, (found) => found.repeat(1 + manyTimes(random)));
  },
  function lengthen(text, random) {
    return replaceOne(text, inString, random, (found) => found.repeat(1 + manyTimes(random)));
  },
  function escapeUnits(text, random) {
    return replaceOne(text, inString, random, (found) =>
      found.replaceAll(/./gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    );
  },
  function retype(text, random) {
    return random.once(3) ? random.pick(values) : `[${text}]`;
  },
  function prefix(text, random) {
    return random.pick(["\uFEFF", "\uFEFF\uFEFF", " ", "//\n", "\0"]) + text;
  },
];
