// Removes modules from dist/ that an installed package cannot load: modules of the command line and
// their imports need packages that only the bundles in dist/ contain.
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
// Optional packages are loaded by name, and a missing one has its own error.
const declared = { ...dependencies, ...peerDependencies };

const modules = readdirSync(join(root, "dist"), { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .map((name) => join("dist", name));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: modules,
  outdir: join(root, "build", "prune"),
  write: false,
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  logLevel: "silent",
  metafile: true,
});

function isInstalled(path) {
  const name = path.split("/", path.startsWith("@") ? 2 : 1).join("/");
  return isBuiltin(path) || name in declared;
}

const unloadable = new Set();
for (let size = -1; size < unloadable.size;) {
  size = unloadable.size;
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    const lacks = ({ path, external }) => (external ? !isInstalled(path) : unloadable.has(path));
    if (imports.some(lacks)) unloadable.add(file);
  }
}
for (const file of unloadable) {
  rmSync(join(root, file));
  rmSync(join(root, file.replace(/\.js$/u, ".d.ts")), { force: true });
}
