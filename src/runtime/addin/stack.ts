import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { MapStack } from "../../base/error-chain.ts";
import { lateCrypto, lateModule } from "../../base/late-modules.ts";
import { isPackedExe, packedFile } from "../../base/packed.ts";
import { PACKED_SERVER, SERVER_MAP_FILE } from "../manifest/manifest.ts";

/** The source map of a script. */
export interface MapFile {
  readonly text: string;
  /** The script beside the map, to compare; absent in an exe, where only one script is possible. */
  readonly script?: Uint8Array;
}

export interface StackMapperOptions {
  /** The name of the script in stacks. */
  readonly scriptName: string;
  /** Reads the map; called once, for the first stack. An error means that there is no map. */
  readonly readMap: () => MapFile | undefined;
}

/** A place in a file; lines and columns count from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place in one of the sources of a script. */
interface Origin extends Place {
  readonly source: string;
  /** `true` for a source of the kit. */
  readonly isIgnored: boolean;
}

/** Returns the origin of a place in the script; `undefined` for the bundler's own code. */
type FindOrigin = (place: Place) => Origin | undefined;

/** A mapped frame and its owner. */
interface Frame {
  readonly text: string;
  /**
   * `user`: code that the developer wrote or installed; `none`: a function of JavaScript itself.
   */
  readonly owner: "user" | "kit" | "none";
}

// The map of a server.js of about twelve megabytes. Node.js needs half a second of processor time
// and 250 MB of memory to read it.
const MAX_MAP_BYTES = 8 * 1024 * 1024;

// "at readFileSync (node:fs:448:20)"
const NODE_FRAME = /[ (]node:[^ ]+$/u;
// "at Array.map (<anonymous>)", "at async Promise.all (index 0)"
const LANGUAGE_FRAME = /[ (](?:<anonymous>|native|index \d+)\)?$/u;

function sha256(content: Uint8Array): string {
  return lateCrypto().createHash("sha256").update(content).digest("hex");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** Reads a source map of `wsb-addin build`; throws or returns `undefined` for any other file. */
function parseMap({ text, script }: MapFile): FindOrigin | undefined {
  if (text.length > MAX_MAP_BYTES) return;
  const map: Readonly<Record<string, unknown>> = JSON.parse(text);
  const { sources, mappings, ignoreList, x_scriptSha256: digest } = map;
  if (!isTexts(sources) || typeof mappings !== "string" || !Array.isArray(ignoreList)) return;
  // One of the two files may have been copied without the other.
  if (script !== undefined && digest !== sha256(script)) return;
  const names = sources.map((source) => decodeURIComponent(source));
  // A control character would break a frame, which is one line.
  if (names.some((name) => /\p{Cc}/u.test(name))) return;
  const { SourceMap } = lateModule();
  const empty = { file: "", sourceRoot: "", sourcesContent: [], names: [] };
  const sourceMap = new SourceMap({ version: 3, sources: names, mappings, ...empty });
  const ignored = new Set(ignoreList.map((index: unknown) => names[Number(index)]));
  return ({ line, column }) => {
    const entry = sourceMap.findEntry(line - 1, column - 1);
    // The nearest entry before a place may be on an earlier line and belong to other code.
    if (!("originalSource" in entry) || entry.generatedLine !== line - 1) return undefined;
    const { originalSource: source, originalLine, originalColumn } = entry;
    if (typeof source !== "string") return undefined;
    const isIgnored = ignored.has(source);
    return { source, line: originalLine + 1, column: originalColumn + 1, isIgnored };
  };
}

/** Splits a frame with a place in `script`: `at flush (file:///C:/a/server.js:5:7)`. */
function splitFrame(
  frame: string,
  script: string,
): { readonly before: string; readonly place: Place; readonly after: string } | undefined {
  const at = frame.lastIndexOf(`${script}:`);
  const before = frame.slice(0, Math.max(at, 0));
  const [, line, column, after = ""] =
    /^(\d+):(\d+)(\)?)$/u.exec(frame.slice(at + script.length + 1)) ?? [];
  if (line === undefined || !/[ (]$/u.test(before)) return undefined;
  return { before, place: { line: Number(line), column: Number(column) }, after };
}

function showFrame(frame: string, scriptName: string, findOrigin: FindOrigin): Frame {
  if (NODE_FRAME.test(frame)) return { text: frame, owner: "kit" };
  if (LANGUAGE_FRAME.test(frame)) return { text: frame, owner: "none" };
  const parts = splitFrame(frame, scriptName);
  if (parts === undefined) return { text: frame, owner: "user" };
  const origin = findOrigin(parts.place);
  if (origin === undefined) return { text: frame, owner: "kit" };
  const { source, line, column, isIgnored } = origin;
  const text = `${parts.before}${source}:${line}:${column}${parts.after}`;
  return { text, owner: isIgnored ? "kit" : "user" };
}

/** Removes the frames of the kit and of Node.js if other frames remain. */
function withoutKit(frames: readonly Frame[]): readonly Frame[] {
  // Everything below the add-in's outermost function belongs to the kit or to Node.js.
  const end = frames.findLastIndex(({ owner }) => owner === "user") + 1;
  if (end === 0) return frames;
  return frames.slice(0, end).filter(({ owner }) => owner !== "kit");
}

function tryParse({ readMap }: StackMapperOptions): FindOrigin | undefined {
  try {
    const file = readMap();
    return file === undefined ? undefined : parseMap(file);
  } catch {
    return undefined;
  }
}

/**
 * Returns a function that maps places in a bundled script to its sources, as in `at flush
 * (src/handlers/pre-restore.ts:12:9)`, and removes the frames of the kit and of Node.js if other
 * frames remain.
 *
 * It reads the map at the first stack. It changes nothing when the map is missing, damaged or of
 * another script.
 */
export function createStackMapper(options: StackMapperOptions): MapStack {
  let parsed: { readonly findOrigin: FindOrigin | undefined } | undefined;
  return (frames) => {
    parsed ??= { findOrigin: tryParse(options) };
    const { findOrigin } = parsed;
    if (findOrigin === undefined) return frames;
    const shown = frames.map((frame) => showFrame(frame, options.scriptName, findOrigin));
    return withoutKit(shown).map(({ text }) => text);
  };
}

/**
 * Reads the map beside the script. `wsb-addin register` has checked who can write to that folder.
 */
function readBeside(scriptUrl: string): MapFile | undefined {
  const script = fileURLToPath(scriptUrl);
  const map = `${script}.map`;
  const file = statSync(map);
  if (!file.isFile() || file.size > MAX_MAP_BYTES) return undefined;
  // A script that was built or installed after this process started is not the running script.
  if (statSync(script).ctimeMs > performance.timeOrigin) return undefined;
  return { text: readFileSync(map, "utf8"), script: readFileSync(script) };
}

function readPacked(): MapFile {
  return { text: Buffer.from(packedFile(SERVER_MAP_FILE)).toString() };
}

/**
 * Returns the stack mapper of a built server. See {@link createStackMapper}.
 *
 * @param scriptUrl `import.meta.url` of the built file.
 */
export function createServerStackMapper(scriptUrl: string): MapStack {
  return isPackedExe()
    ? createStackMapper({ scriptName: PACKED_SERVER, readMap: readPacked })
    : createStackMapper({ scriptName: scriptUrl, readMap: () => readBeside(scriptUrl) });
}
