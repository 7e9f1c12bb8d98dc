import { isPackedExe } from "../../../base/packed.ts";
import { MANIFEST_FILE } from "../../../runtime/manifest/manifest.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { readInstallation } from "../../registration/read-installation.ts";
import { manifestBeside } from "./session.ts";
import {
  expectedBy,
  expectedHere,
  writerIdOf,
  type Expected,
  type WriterOptions,
} from "./writer.ts";

/**
 * Returns what a registration without a registration record has, as packages and exports write it: by
 * the manifest beside the installed server, or else by this project. Empty if neither is here.
 */
export function expectedInstalled(
  binding: Pick<NativeBinding, "readRegistryValue">,
  options: WriterOptions,
): Expected {
  const writerId = writerIdOf(options);
  const own = { manifest: MANIFEST_FILE };
  // An exe contains its manifest, which no other program can read.
  if (isPackedExe() && writerIdOf(own) === writerId) return expectedHere(own);
  const installation = readInstallation(binding, writerId);
  const manifest = manifestBeside(installation?.serverScript ?? installation?.writerScript);
  return installation !== undefined && manifest?.writerId === writerId
    ? expectedBy(manifest, installation)
    : expectedHere(options);
}
