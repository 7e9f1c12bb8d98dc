import { existsSync } from "node:fs";

import { WsbError, type WsbErrorCode } from "../../../base/errors.ts";
import { parseGuid } from "../../../base/guid.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { isPackedExe } from "../../../base/packed.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import { planRegistration, type Installation, type PlanEntry } from "../../registration/plan.ts";
import type { OwnedParts } from "../../registration/parts.ts";
import { planService } from "../../registration/writer-service.ts";
import { planDeclared } from "../../writer/declared.ts";
import { findInstallation, manifestPath } from "./installation.ts";

/** Options of commands that only need the writer of a registration. */
export interface WriterOptions {
  readonly manifest: string;
  readonly writerId?: string;
}

/** Returns the writer id from the command line, or from the manifest. */
export function writerIdOf({ manifest, writerId }: WriterOptions): string {
  if (writerId === undefined) return loadManifest(manifestPath(manifest)).writerId;
  const guid = parseGuid(writerId);
  if (guid !== undefined) return guid;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `--writer-id ${JSON.stringify(writerId)} is not a GUID. Use a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}.`,
  );
}

// Codes for a missing build or a missing 64-bit node.exe.
const notAtHand: ReadonlySet<WsbErrorCode> = new Set(["ERR_WSB_BUILD", "ERR_WSB_INVALID_ARGUMENT"]);

/** What a registration without a registration record is compared with. */
export interface Expected {
  /** The values in the registry. */
  readonly plan: readonly PlanEntry[];
  /** The declared writer, or the writer's service. */
  readonly parts: OwnedParts;
}

/** Returns what a manifest says about a registration. */
export function expectedBy(manifest: Manifest, installation: Installation): Expected {
  return {
    plan: planRegistration(manifest, installation),
    parts: partsWanted(manifest, installation),
  };
}

function partsWanted(manifest: Manifest, installation: Installation): OwnedParts {
  const declared = planDeclared(manifest);
  const service = planService(manifest, installation);
  return {
    ...(declared !== null && { document: declared.document }),
    ...(service !== null && { service: service.document }),
  };
}

/** Returns what this project says about its registration; empty if manifest or build is missing. */
export function expectedHere({ manifest, writerId }: WriterOptions): Expected {
  const file = manifestPath(manifest);
  const nothing: Expected = { plan: [], parts: {} };
  if (writerId !== undefined || !(isPackedExe() || existsSync(file))) return nothing;
  const read = loadManifest(file);
  try {
    return expectedBy(read, findInstallation(file, read));
  } catch (error) {
    if (error instanceof WsbError && notAtHand.has(error.code)) return nothing;
    throw error;
  }
}
