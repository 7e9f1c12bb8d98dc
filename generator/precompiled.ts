// What `build.mjs` knows of the templates and puts into the bundles in place of this file: to look
// and to parse takes half of the time that a scaffold needs.

/** Templates as Handlebars' functions, by the digest of their text. */
export const precompiled: ReadonlyMap<string, TemplateSpecification> = new Map();

/** Paths of all files below the folder of templates, sorted; `undefined` where nobody has looked. */
export const templatePaths: readonly string[] | undefined = undefined;
