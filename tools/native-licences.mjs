// Collects the licence texts of the code that is linked into the shim, from its build packages.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const RULE = `\n${"-".repeat(80)}\n\n`;

function npmSection(root, name, file) {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}

/** Returns the part of a Debian package's copyright file that `pattern` matches. */
function debianSection(title, packageName, pattern) {
  const file = `/usr/share/doc/${packageName}/copyright`;
  if (!existsSync(file)) {
    throw new Error(`Cannot find ${file}. Install ${packageName} with its documentation.`);
  }
  const [text] = pattern.exec(readFileSync(file, "utf8")) ?? [];
  if (text === undefined) throw new Error(`Cannot find a match of ${String(pattern)} in ${file}.`);
  return `${title}\n\n${text.trim()}\n`;
}

function mingwSections() {
  return [
    debianSection(
      "GCC's libstdc++ and libgcc (GPL-3.0-or-later WITH GCC-exception-3.1)",
      "gcc-mingw-w64-x86-64-posix-runtime",
      /^GCC RUNTIME LIBRARY EXCEPTION$.*?^2\. No Weakening.*?license of GCC\.$/msu,
    ),
    debianSection("mingw-w64's runtime and winpthreads", "mingw-w64-x86-64-dev", /.*/su),
  ];
}

/** @param withMingw `true` when the shim was built with mingw-w64, which links its own runtime. */
export function nativeLicences(root, withMingw) {
  return [
    "The shim wsb-addin.node and the lab's programs contain parts of the following.\n",
    npmSection(root, "node-addon-api", "LICENSE.md"),
    npmSection(root, "node-api-headers", "LICENSE"),
    ...(withMingw ? mingwSections() : []),
  ].join(RULE);
}
