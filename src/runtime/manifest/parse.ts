import { WsbError } from "../../base/errors.ts";
import { parseId } from "../../base/guid.ts";
import type { MethodName } from "../native/binding.ts";
import { duplicateFields } from "./duplicates.ts";
import {
  MANIFEST_DEFAULTS,
  type AddinIdentity,
  type AddinLog,
  type AddinSecurity,
  type Manifest,
  type OnFailure,
} from "./manifest.ts";
import { identifierRule, serviceNameRule } from "./rules.ts";
import { REQUIRED_PRINCIPALS, principalRule, principalSid } from "./security.ts";

/** One thing that is wrong with a manifest. */
export interface ManifestProblem {
  /** Path of the field, for example `services[1]`. */
  readonly field: string;
  /** The rule that its value breaks, as the end of a sentence that begins with the field. */
  readonly rule: string;
}

type Fields = Readonly<Record<string, unknown>>;

const knownFields = new Set([
  "$schema",
  "name",
  "writerId",
  "applicationIdentifier",
  "clsid",
  "appId",
  "services",
  "timeoutsMs",
  "serviceTimeoutMs",
  "onFailure",
  "abandonAfterMs",
  "lingerMs",
  "security",
  "log",
]);

// Less would end a restore between two of its calls.
const MIN_ABANDON_MS = 1000;
// Least and most bytes of a file of the record, and most files: a line never fills a file, and all
// of them never fill a disk.
const MIN_LOG_BYTES = 64 * 1024;
const MAX_LOG_BYTES = 1024 * 1024 * 1024;
const MAX_LOG_FILES = 100;
// Longest delay of a JavaScript timer; a longer one would fire at once.
const MAX_TIMER_MS = 2_147_483_647;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(MANIFEST_DEFAULTS.timeoutsMs, name);
}

const MAX_SHOWN = 80;

// Of an error's text; a file that is no manifest at all may have any number of problems.
const MAX_PROBLEMS = 20;

/** What a person can read of a value: not too long, and nothing that a terminal obeys. */
function show(value: unknown): string {
  let text: string;
  try {
    // JSON has no word for a function or a symbol, which only a program can pass.
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    return "nested too deeply to be shown";
  }
  // JSON escapes C0 controls alone.
  const plain = text.replaceAll(/[\u007f-\u009f]/gu, "\uFFFD");
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}

function showName(field: string): string {
  return /^\w{1,80}$/u.test(field) ? field : show(field);
}

/** Collects problems while the fields are read, so that one run reports them all. */
class Reader {
  readonly problems: ManifestProblem[] = [];
  readonly #fields: Fields;
  readonly #prefix: string;

  constructor(fields: Fields, prefix = "") {
    this.#fields = fields;
    this.#prefix = prefix;
  }

  report(field: string, rule: string): void {
    const value = this.#fields[field];
    const shown = value === undefined ? "it is missing" : `it is ${show(value)}`;
    this.problems.push({ field: `${this.#prefix}${showName(field)}`, rule: `${rule}; ${shown}` });
  }

  /** Reports one item of the array `field`. */
  reportItem(field: string, index: number, rule: string, item: unknown): void {
    const shown = `it is ${show(item)}`;
    this.problems.push({ field: `${this.#prefix}${field}[${index}]`, rule: `${rule}; ${shown}` });
  }

  text(field: string): string {
    const value = this.#fields[field];
    const rule = identifierRule(value);
    if (rule === undefined && typeof value === "string") return value;
    this.report(field, rule ?? "must be a string");
    return "";
  }

  guid(field: string): string {
    const value = this.#fields[field];
    const id = typeof value === "string" ? parseId(value) : undefined;
    if (id !== undefined) return id;
    this.report(
      field,
      "must be a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}, and not the one of zeros",
    );
    return "";
  }

  integer(
    field: string,
    range: { readonly least: number; readonly most: number; readonly unit: string },
    fallback: number,
  ): number {
    const { least, most, unit } = range;
    const value = this.#fields[field];
    if (value === undefined) return fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
      // JSON has a negative zero, and would write it as another one.
      return value + 0;
    }
    this.report(field, `must be an integer from ${least} to ${most} (${unit})`);
    return fallback;
  }

  milliseconds(field: string, least: number, fallback: number): number {
    return this.integer(field, { least, most: MAX_TIMER_MS, unit: "milliseconds" }, fallback);
  }
}

function readServices(fields: Fields, reader: Reader): readonly string[] {
  const value = fields["services"];
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    reader.report("services", "must be an array of service names");
    return [];
  }
  const seen = new Set<string>();
  return value.map((name: unknown, index) => {
    const folded = typeof name === "string" ? name.toUpperCase() : "";
    const rule = serviceNameRule(name) ?? (seen.has(folded) ? "is named twice" : undefined);
    if (rule !== undefined) reader.reportItem("services", index, rule, name);
    seen.add(folded);
    return typeof name === "string" ? name : "";
  });
}

function readTimeouts(fields: Fields, reader: Reader): Record<MethodName, number> {
  const timeouts: Record<MethodName, number> = { ...MANIFEST_DEFAULTS.timeoutsMs };
  const value = fields["timeoutsMs"];
  if (value === undefined) return timeouts;
  if (!isFields(value)) {
    reader.report("timeoutsMs", "must be an object with a number for each handler");
    return timeouts;
  }
  const inner = new Reader(value, "timeoutsMs.");
  for (const name of Object.keys(value)) {
    if (isMethodName(name)) timeouts[name] = inner.milliseconds(name, 1, timeouts[name]);
    else inner.report(name, "is not the name of a handler");
  }
  reader.problems.push(...inner.problems);
  return timeouts;
}

function readAllow(fields: Fields, reader: Reader): readonly string[] {
  const value = fields["allow"];
  if (value === undefined) return MANIFEST_DEFAULTS.security.allow;
  if (!Array.isArray(value)) {
    reader.report("allow", "must be an array of names and SIDs");
    return [];
  }
  const allow = new Set<string>();
  for (const [index, one] of value.entries()) {
    const sid = typeof one === "string" ? (principalSid(one) ?? "") : "";
    const rule = principalRule(one) ?? (allow.has(sid) ? "is named twice" : undefined);
    if (rule === undefined) allow.add(sid);
    else reader.reportItem("allow", index, rule, one);
  }
  for (const { sid, rule } of REQUIRED_PRINCIPALS) {
    if (!allow.has(sid)) reader.report("allow", rule);
  }
  return [...allow];
}

function readSecurity(fields: Fields, reader: Reader): AddinSecurity {
  const value = fields["security"];
  if (value === undefined) return MANIFEST_DEFAULTS.security;
  if (!isFields(value)) {
    reader.report("security", "must be an object with the array allow");
    return MANIFEST_DEFAULTS.security;
  }
  const inner = new Reader(value, "security.");
  for (const name of Object.keys(value)) {
    if (name !== "allow") inner.report(name, "is not a field of security");
  }
  const allow = readAllow(value, inner);
  reader.problems.push(...inner.problems);
  return { allow };
}

function readOnFailure(fields: Fields, reader: Reader): OnFailure {
  const value = fields["onFailure"];
  if (value === undefined) return MANIFEST_DEFAULTS.onFailure;
  if (value === "restart" || value === "leave") return value;
  reader.report("onFailure", 'must be "restart" or "leave"');
  return MANIFEST_DEFAULTS.onFailure;
}

function readLog(fields: Fields, reader: Reader): AddinLog {
  const value = fields["log"];
  const { maxBytes, files } = MANIFEST_DEFAULTS.log;
  if (value === undefined) return { maxBytes, files };
  if (!isFields(value)) {
    reader.report("log", "must be an object with the numbers maxBytes and files");
    return { maxBytes, files };
  }
  const inner = new Reader(value, "log.");
  for (const name of Object.keys(value)) {
    if (name !== "maxBytes" && name !== "files") inner.report(name, "is not a field of log");
  }
  const bytes = { least: MIN_LOG_BYTES, most: MAX_LOG_BYTES, unit: "bytes" };
  const log = {
    maxBytes: inner.integer("maxBytes", bytes, maxBytes),
    files: inner.integer("files", { least: 1, most: MAX_LOG_FILES, unit: "files" }, files),
  };
  reader.problems.push(...inner.problems);
  return log;
}

function readAddin(fields: Fields, reader: Reader): AddinIdentity | undefined {
  if (fields["clsid"] === undefined && fields["appId"] === undefined) return undefined;
  return { clsid: reader.guid("clsid"), appId: reader.guid("appId") };
}

/**
 * Checks a parsed `wsb-addin.json` and returns the manifest, or everything that is wrong with it.
 *
 * Unknown fields are problems: a misspelt limit must not silently become the default.
 */
export function readManifest(
  value: unknown,
): { readonly manifest: Manifest } | { readonly problems: readonly ManifestProblem[] } {
  if (!isFields(value)) {
    return { problems: [{ field: "the manifest", rule: "must be a JSON object" }] };
  }
  const reader = new Reader(value);
  for (const field of Object.keys(value)) {
    if (!knownFields.has(field)) reader.report(field, "is not a field of the manifest");
  }
  const manifest: Manifest = {
    name: reader.text("name"),
    writerId: reader.guid("writerId"),
    applicationIdentifier: reader.text("applicationIdentifier"),
    addin: readAddin(value, reader),
    services: readServices(value, reader),
    timeoutsMs: readTimeouts(value, reader),
    serviceTimeoutMs: reader.milliseconds(
      "serviceTimeoutMs",
      1,
      MANIFEST_DEFAULTS.serviceTimeoutMs,
    ),
    onFailure: readOnFailure(value, reader),
    abandonAfterMs: reader.milliseconds(
      "abandonAfterMs",
      MIN_ABANDON_MS,
      MANIFEST_DEFAULTS.abandonAfterMs,
    ),
    lingerMs: reader.milliseconds("lingerMs", 0, MANIFEST_DEFAULTS.lingerMs),
    security: readSecurity(value, reader),
    log: readLog(value, reader),
  };
  return reader.problems.length === 0 ? { manifest } : { problems: reader.problems };
}

/**
 * Reads a manifest from the text of its file.
 *
 * @param file Path for messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_MANIFEST`; the message lists the problems, at most 20.
 */
export function parseManifest(text: string, file: string): Manifest {
  const json = text.replace(/^\uFEFF/u, "");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}. Mend the file.`,
      { cause: error },
    );
  }
  const result = readManifest(value);
  const problems = [
    ...duplicateFields(json, showName).map((field) => ({ field, rule: "is there twice" })),
    ...("problems" in result ? result.problems : []),
  ];
  if ("manifest" in result && problems.length === 0) return result.manifest;
  const lines = problems.slice(0, MAX_PROBLEMS).map(({ field, rule }) => `  ${field} ${rule}`);
  const more = problems.length - lines.length;
  if (more > 0) lines.push(`  and ${more} more`);
  throw new WsbError(
    "ERR_WSB_INVALID_MANIFEST",
    `${file} is not a valid manifest:\n${lines.join("\n")}\nMend the fields named above.`,
  );
}
