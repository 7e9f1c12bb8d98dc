interface Level {
  /** Names so far, of an object; `undefined` for an array. */
  readonly names: Set<string> | undefined;
  /** Path of the object or array, for what is in it. */
  readonly path: string;
  /** Item of an array, or name of the field that is being read. */
  at: string | number;
}

function pathOf({ path, at }: Level): string {
  if (typeof at === "number") return `${path}[${at}]`;
  return path === "" ? at : `${path}.${at}`;
}

/**
 * Finds the fields that an object of a JSON text has twice: `JSON.parse` keeps the last one, and
 * says nothing.
 *
 * @param text A text that `JSON.parse` accepts.
 * @param show Makes a name fit for a message.
 * @returns Their paths, for example `timeoutsMs.preRestore`.
 */
export function duplicateFields(text: string, show: (name: string) => string): readonly string[] {
  const duplicates: string[] = [];
  const levels: Level[] = [];
  // Strings, with the colon behind those that are names, and what gives the text its structure.
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\],]/gsu)) {
    const level = levels.at(-1);
    if (token === "{" || token === "[") {
      const isObject = token === "{";
      levels.push({
        names: isObject ? new Set() : undefined,
        path: level === undefined ? "" : pathOf(level),
        at: isObject ? "" : 0,
      });
    } else if (token === "}" || token === "]") {
      levels.pop();
    } else if (token === ",") {
      if (typeof level?.at === "number") level.at += 1;
    } else if (colon !== undefined && level?.names !== undefined && string !== undefined) {
      // A name may be written with escapes.
      const name: unknown = JSON.parse(string);
      level.at = show(String(name));
      if (level.names.has(String(name))) duplicates.push(pathOf(level));
      level.names.add(String(name));
    }
  }
  return duplicates;
}
