// What `build.mjs` knows of the templates and puts into the bundles in place of this file: to look
// for them and to parse them takes half of the time that a scaffold needs.

/** Templates as functions of their text, the values and the helpers, by the digest of the text. */
export const precompiled: ReadonlyMap<
  string,
  (text: string, values: object, helpers: object) => string
> = new Map();

/** Paths of all files below the folder of templates, sorted; `undefined` where nobody has looked. */
export const templatePaths: readonly string[] | undefined = undefined;
