import { isDeepStrictEqual } from "node:util";

import { anything } from "../../src/base/document/kinds.ts";
import { readText, requireReading } from "../../src/base/document/read.ts";
import { WsbError } from "../../src/base/errors.ts";
import {
  formatOrder,
  parseOrder,
  type HandlerOrder,
} from "../../src/runtime/addin/handler-protocol.ts";
import type { Manifest } from "../../src/runtime/manifest/manifest.ts";
import { parseManifest } from "../../src/runtime/manifest/parse.ts";
import { decodeDocument } from "../../src/runtime/metadata/decode.ts";
import { parseWriterMetadata } from "../../src/runtime/metadata/parse.ts";
import type { WriterMetadata } from "../../src/runtime/metadata/writer-metadata.ts";
import { abandonAll, abandonLost } from "../../src/runtime/restore/abandoned.ts";
import { owedNames } from "../../src/runtime/restore/journal/session.ts";
import { parseOldJournal, type OldJournal } from "../../src/runtime/restore/journal/version-1.ts";
import { readStep } from "../../src/runtime/restore/journal/step.ts";
import { settingsWith } from "../helpers/fakes/session-bed.ts";
import { CLSID } from "../helpers/manifest.ts";
import { plainMetadata, renderMetadata } from "../helpers/render-metadata.ts";
import { encode } from "./encode.ts";
import { jsonMutations } from "./json-mutations.ts";
import { defineTarget, type FuzzTarget } from "./target.ts";
import { xmlMutations } from "./xml-mutations.ts";

function requireSame(one: unknown, other: unknown, what: string): void {
  if (isDeepStrictEqual(one, other)) return;
  const [shown, against] = [one, other].map((value) => JSON.stringify(value).slice(0, 500));
  throw new Error(`${what}: ${shown} against ${against}.`);
}

function requireNot(wrong: boolean, what: string): void {
  if (wrong) throw new Error(`It accepted ${what}.`);
}

function verifyMetadata(metadata: WriterMetadata, text: string): void {
  requireNot(/\p{Surrogate}/u.test(text), "half of a surrogate pair");
  // Only there it is not a document type.
  const isHidden = /<!--|<!\[CDATA\[|<\?(?!xml\s)/u.test(text);
  requireNot(text.includes("<!DOCTYPE") && !isHidden, "a document type");
  const again = parseWriterMetadata(renderMetadata(metadata));
  requireSame(plainMetadata(again), plainMetadata(metadata), "It does not read as it was written");
  for (const component of metadata.components) {
    const found = metadata.findComponent(component);
    requireSame(found?.componentName, component.componentName, "Another component was found");
    requireSame(found?.logicalPath ?? "", component.logicalPath ?? "", "Another path was found");
  }
}

/** A document and its bytes, one character for each byte. */
interface DecodedFile {
  readonly text: string;
  readonly metadata: WriterMetadata;
}

function readFile(bytes: string): DecodedFile {
  const text = decodeDocument(Buffer.from(bytes, "latin1"));
  return { text, metadata: parseWriterMetadata(text) };
}

function verifyFile({ text, metadata }: DecodedFile, bytes: string): void {
  verifyMetadata(metadata, text);
  if (bytes.includes("encoding")) return;
  const same = [text, `\uFEFF${text}`].some((one) =>
    [Buffer.from(one), Buffer.from(one, "utf16le"), Buffer.from(one, "utf16le").swap16()].some(
      (encoded) => encoded.toString("latin1") === bytes,
    ),
  );
  requireNot(!same, "bytes that are not what it read");
}

/** Returns the file of a manifest with every field. */
function fileOf({ addin, ...fields }: Manifest): string {
  return JSON.stringify({ ...addin, ...fields });
}

function verifyManifest(manifest: Manifest): void {
  const again = parseManifest(fileOf(manifest), "again.json");
  requireSame(again, manifest, "It does not read as it was written");
}

function readJournal(text: string): OldJournal {
  const journal = parseOldJournal(text, { clsid: CLSID, settings: settingsWith() });
  if (journal.session.damage === undefined) return journal;
  throw new WsbError("ERR_WSB_JOURNAL", "It is not a journal.");
}

function verifyJournal({ steps, session }: OldJournal): void {
  const again = JSON.parse(JSON.stringify(steps)).map(readStep);
  requireSame(again, steps, "It does not read as it was written");
  for (const isAlive of [true, false]) {
    const known = session.with(abandonLost(session, { isAlive: () => isAlive }));
    const names = new Set(session.services.map(({ name }) => name));
    const strange = owedNames(known).find((name) => !names.has(name));
    requireSame(strange, undefined, "It would start a service that it does not name");
    const { isAwaited } = known.with(abandonAll(known)).components;
    requireNot(isAwaited, "a component that can never be abandoned");
  }
}

function verifyOrder(order: HandlerOrder): void {
  const again = parseOrder(Buffer.from(formatOrder(order)).toString("utf8"));
  requireSame(again, order, "It does not read as it was written");
}

function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/u, ""));
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads a JSON text as a document of any kind. It refuses what `JSON.parse` refuses, and nothing else
 * but a text that is nested too deeply.
 */
function readAnyJson(text: string): unknown {
  const reading = readText(anything, text, "the text");
  if ("value" in reading) return reading.value;
  const isTooDeep = reading.problems.some(({ rule }) => rule.includes("levels of brackets"));
  if (!isTooDeep) requireSame(isJson(text), reading.isJson, "JSON.parse disagrees");
  return requireReading(reading, { code: "ERR_WSB_INVALID_ARGUMENT", heading: "It is not valid" });
}

/** All readers of foreign input. */
export const targets: readonly FuzzTarget[] = [
  defineTarget({
    name: "metadata",
    mutations: xmlMutations,
    refusal: "ERR_WSB_METADATA",
    read: parseWriterMetadata,
    verify: verifyMetadata,
  }),
  defineTarget({
    name: "metadata-file",
    seeds: "metadata",
    mutations: xmlMutations,
    finish: encode,
    refusal: "ERR_WSB_METADATA",
    read: readFile,
    verify: verifyFile,
  }),
  defineTarget({
    name: "handler-order",
    mutations: jsonMutations,
    refusal: "ERR_WSB_INVALID_ARGUMENT",
    read: parseOrder,
    verify: verifyOrder,
  }),
  defineTarget({
    name: "json-text",
    seeds: "manifest",
    mutations: jsonMutations,
    refusal: "ERR_WSB_INVALID_ARGUMENT",
    read: readAnyJson,
    verify: (value, text) => requireSame(value, parseJson(text), "It reads something else"),
  }),
  defineTarget({
    name: "manifest",
    mutations: jsonMutations,
    refusal: "ERR_WSB_INVALID_MANIFEST",
    read: (text) => parseManifest(text, "wsb-addin.json"),
    verify: verifyManifest,
  }),
  defineTarget({
    name: "journal",
    mutations: jsonMutations,
    refusal: "ERR_WSB_JOURNAL",
    read: readJournal,
    verify: verifyJournal,
  }),
];
