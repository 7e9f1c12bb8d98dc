// npm run schemas: writes the published JSON Schemas from the documents' definitions.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, "build", "schemas", "schemas.mjs");

await build({
  entryPoints: [join(root, "tools", "published-schemas.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
});
const { SCHEMAS } = await import(pathToFileURL(outfile).href);
mkdirSync(join(root, "schemas"), { recursive: true });
for (const [name, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(join(root, "schemas", name), `${JSON.stringify(schema, undefined, 2)}\n`);
}
