import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadManifest } from "../src/runtime/manifest/load.ts";
import { MANIFEST_FILE } from "../src/runtime/manifest/manifest.ts";
import type { GivenAnswers } from "./answers.ts";
import { wrongUsage } from "./flags.ts";

const identityFlags = {
  name: "--name",
  kind: "--kind",
  identifier: "--identifier",
  writerId: "--writer-id",
  clsid: "--clsid",
  appId: "--app-id",
  services: "--service",
} as const;

/**
 * Takes a project's identity from the manifest it has already, so that nobody is asked again and
 * what is added fits what is there.
 *
 * @throws {@link WsbError} for a flag that says the same thing, and for a manifest that is not valid.
 */
export function addManifestAnswers(given: GivenAnswers, folder: string): GivenAnswers {
  const file = join(folder, MANIFEST_FILE);
  if (!existsSync(file)) return given;
  for (const [answer, flag] of Object.entries(identityFlags)) {
    if (new Map<string, unknown>(Object.entries(given)).get(answer) !== undefined) {
      throw wrongUsage(`${flag} is settled: ${file} says it. Leave the flag out.`);
    }
  }
  const { name, applicationIdentifier, writerId, addin, services } = loadManifest(file);
  const common = { ...given, name, identifier: applicationIdentifier, writerId };
  if (addin === undefined) return { ...common, kind: "application" };
  return { ...common, kind: "add-in", clsid: addin.clsid, appId: addin.appId, services };
}
