import { isPackedExe } from "../../../base/packed.ts";
import { MANIFEST_FILE } from "../../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { planRegistration, type PlanEntry } from "../../registration/plan.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { manifestBeside } from "./session.ts";
import { expectedPlan, writerIdOf, type WriterOptions } from "./writer.ts";

/**
 * Returns the values of a registration without a registration record, as packages and exports write
 * it: by the manifest beside the installed server, or else by this project. Empty if neither is here.
 */
export function installedPlan(
  binding: Pick<NativeBinding, "readRegistryValue">,
  options: WriterOptions,
): readonly PlanEntry[] {
  const writerId = writerIdOf(options);
  const own = { manifest: MANIFEST_FILE };
  // An exe contains its manifest, which no other program can read.
  if (isPackedExe() && writerIdOf(own) === writerId) return expectedPlan(own);
  const installation = readInstallation(binding, writerId);
  const manifest = manifestBeside(installation?.serverScript);
  return installation !== undefined && manifest?.writerId === writerId
    ? planRegistration(manifest, installation)
    : expectedPlan(options);
}
