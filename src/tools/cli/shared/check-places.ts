import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { checkLocalPath, rememberLinks, throwIfWritable } from "../../registration/folder-check.ts";
import { addinFiles } from "../../registration/addin-files.ts";
import type { Installation } from "../../registration/plan.ts";

/**
 * Refuses files that users other than administrators can change, because they run as LocalSystem.
 *
 * @param options `allow`: the administrator accepts such files.
 * @returns The accepted files and accounts, one line each.
 * @throws {@link WsbError} `ERR_WSB_WRITABLE_FOLDER`; `ERR_WSB_INVALID_ARGUMENT` for a path that is
 * relative or on a network share.
 */
export function checkPlaces(
  binding: NativeBinding,
  installation: Installation,
  { allow }: { readonly allow: boolean },
): readonly string[] {
  const { nodeExe, serverScript, writerScript } = installation;
  const links = rememberLinks();
  for (const file of [nodeExe, serverScript, writerScript]) {
    if (file !== undefined) checkLocalPath(binding, file, links);
  }
  return throwIfWritable(binding, addinFiles(installation), { allow, links });
}
