/**
 * Templates as Handlebars' functions, by the digest of their text; `build.mjs` puts them into the
 * bundles, because parsing them is a third of what the generator does.
 */
export const precompiled: ReadonlyMap<string, TemplateSpecification> = new Map();
