import { createHash } from "node:crypto";

import { nameGuid } from "../../base/guid.ts";
import type { BundledPackage } from "../build/package-of.ts";
import type { Product } from "./product.ts";

/** A file and its hash. */
export interface HashedFile {
  readonly name: string;
  readonly sha256: string;
}

/** The materials of a packed add-in. */
export interface Materials {
  readonly product: Product;
  /** The name of the format, and its file unless the format is a folder. */
  readonly format: string;
  readonly artifact: HashedFile | undefined;
  readonly files: readonly HashedFile[];
  readonly node: { readonly version: string; readonly sha256: string };
  readonly packages: readonly BundledPackage[];
}

type Component = Readonly<Record<string, unknown>> & { readonly "bom-ref": string };

// The SPDX identifiers that npm packages use. Any other text is written as a name.
const SPDX = new Set(
  "0BSD Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BlueOak-1.0.0 CC0-1.0 ISC MIT MIT-0 MPL-2.0 Python-2.0 Unlicense WTFPL Zlib".split(
    " ",
  ),
);

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function hashes(content: string): readonly object[] {
  return [{ alg: "SHA-256", content }];
}

function licenses(license: string | undefined): object {
  if (license === undefined) return {};
  return { licenses: [{ license: SPDX.has(license) ? { id: license } : { name: license } }] };
}

/** @see https://github.com/package-url/purl-spec */
function npmUrl({ name, version }: BundledPackage): string {
  const path = name.split("/").map(encodeURIComponent).join("/");
  return `pkg:npm/${path}@${encodeURIComponent(version)}`;
}

function packageComponent(one: BundledPackage): Component {
  const purl = npmUrl(one);
  const { name, version, license } = one;
  return { type: "library", "bom-ref": purl, name, version, ...licenses(license), purl };
}

function nodeComponent({ version, sha256: digest }: Materials["node"]): Component {
  return {
    type: "platform",
    "bom-ref": `node@${version}`,
    name: "Node.js",
    version,
    hashes: hashes(digest),
    ...licenses("MIT"),
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl: `pkg:github/nodejs/node@v${version}`,
  };
}

function fileComponent({ name, sha256: digest }: HashedFile): Component {
  return { type: "file", "bom-ref": `file:${name}`, name, hashes: hashes(digest) };
}

/**
 * Writes the bill of materials of a packed add-in as CycloneDX JSON. Pure: it has no date, and its
 * serial number depends only on the contents.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function writeBom(materials: Materials): string {
  const { product, format, artifact, files, node, packages } = materials;
  const root = `${product.fileName}@${product.version}`;
  const components = [
    nodeComponent(node),
    ...packages.map(packageComponent),
    ...files.map(fileComponent),
  ];
  const content = {
    version: 1,
    metadata: {
      tools: {
        components: [{ type: "application", name: "wsb-addin", description: "made this package" }],
      },
      component: {
        type: "application",
        "bom-ref": root,
        supplier: { name: product.publisher },
        name: product.name,
        version: product.version,
        ...(artifact === undefined ? {} : { hashes: hashes(artifact.sha256) }),
        properties: [
          { name: "wsb-addin:format", value: format },
          ...(artifact === undefined ? [] : [{ name: "wsb-addin:file", value: artifact.name }]),
        ],
      },
    },
    components,
    dependencies: [
      { ref: root, dependsOn: components.map((one) => one["bom-ref"]) },
      ...components.map((one) => ({ ref: one["bom-ref"] })),
    ],
  };
  const serial = nameGuid(JSON.stringify(content)).slice(1, -1).toLowerCase();
  const bom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${serial}`,
    ...content,
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}
