// The common parts of the bundles of both packages.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Defines `require` for CommonJS packages in an ES module bundle. */
export const requireBanner =
  'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);';

/** Returns the package.json of each package in the bundle, with its folder. */
export function bundledPackages(root, metafile) {
  return packageFolders(metafile).map((path) => {
    const folder = join(root, path);
    return { folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) };
  });
}

/** Returns the folders of the packages in the bundle. */
function packageFolders({ outputs }) {
  const folders = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u.exec(file)?.[0];
      return folder === undefined || bytesInOutput === 0 ? [] : [folder];
    }),
  );
  return [...new Set(folders)].toSorted();
}

/** Returns the licence texts of every package in a bundle, from esbuild's metafile. */
export function thirdPartyLicences(root, packageName, metafile) {
  const sections = bundledPackages(root, metafile).map(({ folder, manifest }) => {
    const { name, version, license } = manifest;
    return `${name} ${version} (${license})\n\n${licenceText(folder, manifest)}`;
  });
  const head = `${packageName} contains the following packages.\n`;
  return [head, ...sections].join(`\n${"-".repeat(80)}\n\n`);
}

function licenceText(folder, manifest) {
  const names = readdirSync(folder);
  const files = names.filter((name) => /^(?:licen[cs]e|copying|notice)/iu.test(name)).toSorted();
  if (files.length > 0) {
    return files.map((name) => `${readFileSync(join(folder, name), "utf8").trim()}\n`).join("\n");
  }
  const holder = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
  const terms = standardTerms[manifest.license];
  if (terms === undefined || holder === undefined) {
    throw new Error(
      `${folder} has no licence file. Add the text of its licence to tools/bundle.mjs.`,
    );
  }
  return `Copyright (c) ${holder}\n\n${terms}`;
}

// For packages that name one of these licences without a copy of its text.
const standardTerms = {
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`,
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without
fee is hereby granted, provided that the above copyright notice and this permission notice appear
in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE
AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT,
NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
`,
};
