import { manyTimes, replaceOne, type Mutation } from "./mutations.ts";
import type { Random } from "./random.ts";

const elements: readonly string[] = [
  "WRITER_METADATA",
  "IDENTIFICATION",
  "RESTORE_METHOD",
  "ALTERNATE_LOCATION_MAPPING",
  "BACKUP_LOCATIONS",
  "DATABASE",
  "DATABASE_FILES",
  "DATABASE_LOGFILES",
  "FILE_GROUP",
  "FILE_LIST",
  "DEPENDENCY",
  "EXCLUDE_FILES",
  "EXCLUDE_FILES_FROM_SNAPSHOT",
  "__proto__",
  "constructor",
  "a:b",
  "Größe",
];

const attributes: readonly string[] = [
  "version",
  "backupSchema",
  "writerId",
  "instanceId",
  "friendlyName",
  "usage",
  "majorVersion",
  "method",
  "service",
  "rebootRequired",
  "componentName",
  "logicalPath",
  "caption",
  "selectable",
  "componentFlags",
  "path",
  "filespec",
  "recursive",
  "alternatePath",
  "filespecBackupType",
  "xmlns",
  "xml:lang",
  "__proto__",
  "toString",
];

const values: readonly string[] = [
  "",
  " ",
  "yes",
  "no",
  "0",
  "3855",
  "4294967295",
  "4294967296",
  "-1",
  "1e9",
  "0x10",
  "99999999999999999999999999",
  "5d8a1f36-27c4-4b0e-9f6d-3c1e8a742b90",
  "{5d8a1f36-27c4-4b0e-9f6d-3c1e8a742b90}",
  "C:\\Ledger",
  "..\\..\\Windows",
  "%SystemRoot%",
  "&amp;&lt;&gt;&quot;&apos;",
  "&#0;",
  "&#x1;",
  "&#xD83D;",
  "&#x1F4D2;",
  "&#x110000;",
  "&#99999999999999999999;",
  "&#xFFFFFFFFFFFFFFFF;",
  "&x;",
  "&constructor;",
  "&amp",
  "a<b",
  "line\r\nbreak\tand tab",
  "\u{1F4D2}",
  "\uD83D",
];

const inserts: readonly string[] = [
  "<!-- a comment -->",
  "<!-- -- -->",
  "<!--",
  "-->",
  "<![CDATA[<FILE_GROUP/>]]>",
  "<![CDATA[",
  "]]>",
  "<?target data?>",
  "<?xml version='1.0'?>",
  "<?",
  "</",
  "</WRITER_METADATA>",
  "<WRITER_METADATA>",
  "<!DOCTYPE W>",
  "<!DOCTYPE W [<!ENTITY x 'y'>]>",
  "<!DOCTYPE W [<!ENTITY a '&b;&b;'><!ENTITY b '&a;&a;'>]>",
  "<!DOCTYPE W SYSTEM 'file:///etc/passwd'>",
  "<!DOCTYPE W [",
  "&x;",
  "&",
  "text",
];

const declarations: readonly string[] = [
  `<?xml version="1.0"?>`,
  `<?xml version="1.1"?>`,
  `<?xml version="2.0"?>`,
  `<?xml version="1.0" encoding="UTF-16"?>`,
  `<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>`,
  `<?xml version="1.0" encoding="x"?>`,
  `<?xml version="1.0" encoding=""?>`,
  `<?xml?>`,
  ` <?xml version="1.0"?>`,
  "\uFEFF",
];

const tag = /<[^<>]*>/gu;
const startTag = /<\w[^<>]*>/gu;
const attribute = /\s[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*')/gu;
const value = /"[^"]*"/gu;
const name = /(?<=<\/?)\w+/gu;

function someAttribute(random: Random): string {
  return ` ${random.pick(attributes)}="${random.pick(values)}"`;
}

function addAttributes(text: string, random: Random, added: string): string {
  return replaceOne(text, startTag, random, (found) =>
    found.replace(/\/?>$/u, (end) => added + end),
  );
}

/** Mutations that use the structure of a document. */
export const xmlMutations: readonly Mutation[] = [
  function setValue(text, random) {
    return replaceOne(text, value, random, () => `"${random.pick(values)}"`);
  },
  function swapValue(text, random, others) {
    const found = random.pick(others).match(value) ?? [`""`];
    return replaceOne(text, value, random, () => random.pick(found));
  },
  function dropAttribute(text, random) {
    return replaceOne(text, attribute, random, () => "");
  },
  function repeatAttribute(text, random) {
    return replaceOne(text, attribute, random, (found) => found + found);
  },
  function addAttribute(text, random) {
    return addAttributes(text, random, someAttribute(random));
  },
  function addManyAttributes(text, random) {
    const count = manyTimes(random) * 2;
    const many = Array.from({ length: count }, (_, index) => ` a${index}="x"`);
    return addAttributes(text, random, many.join(""));
  },
  function addHugeAttribute(text, random) {
    const huge = random.pick(values).repeat(manyTimes(random));
    return addAttributes(text, random, ` huge="${huge}"`);
  },
  function addHugeName(text, random) {
    return addAttributes(text, random, ` ${random.pick(attributes).repeat(manyTimes(random))}="x"`);
  },
  function rename(text, random) {
    return replaceOne(text, name, random, () => random.pick(elements));
  },
  function renameBoth(text, random) {
    const from = random.pick(elements);
    return text.replaceAll(new RegExp(`\\b${from}\\b`, "gu"), random.pick(elements));
  },
  function renameHuge(text, random) {
    const from = random.pick(elements);
    return text.replaceAll(new RegExp(`\\b${from}\\b`, "gu"), from.repeat(manyTimes(random)));
  },
  function dropTag(text, random) {
    return replaceOne(text, tag, random, () => "");
  },
  function repeatTag(text, random) {
    return replaceOne(text, tag, random, (found) => found.repeat(1 + manyTimes(random)));
  },
  function takeTag(text, random, others) {
    const found = random.pick(others).match(tag) ?? ["<a/>"];
    return replaceOne(text, tag, random, (before) => before + random.pick(found));
  },
  function addElement(text, random) {
    const added = `<${random.pick(elements)}${someAttribute(random)}${someAttribute(random)}/>`;
    return replaceOne(text, tag, random, (found) => found + added);
  },
  function addManyElements(text, random) {
    const added = `<${random.pick(elements)}${someAttribute(random)}/>`.repeat(manyTimes(random));
    return replaceOne(text, tag, random, (found) => found + added);
  },
  function nest(text, random) {
    const [element, count] = [random.pick(elements), manyTimes(random)];
    const nested =
      `<${element}>`.repeat(count) + `</${element}>`.repeat(random.once(9) ? 0 : count);
    return replaceOne(text, tag, random, (found) => found + nested);
  },
  function insertMarkup(text, random) {
    return replaceOne(text, tag, random, (found) => found + random.pick(inserts));
  },
  function prefix(text, random) {
    return random.pick(declarations) + text;
  },
];
