import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { checkLocalPath, rememberLinks, throwIfWritable } from "../../registration/folder-check.ts";
import { addinFiles } from "../../registration/addin-files.ts";
import type { Installation } from "../../registration/plan.ts";

/**
 * Refuses to let run as LocalSystem what others than administrators could change.
 *
 * @param options `allow`: the administrator accepts it.
 * @returns Who else could, where that is accepted.
 * @throws {@link WsbError} `ERR_WSB_WRITABLE_FOLDER`; `ERR_WSB_INVALID_ARGUMENT` for a path that is
 * relative or on a network share.
 */
export function checkPlaces(
  binding: NativeBinding,
  installation: Installation,
  { allow }: { readonly allow: boolean },
): readonly string[] {
  const { nodeExe, serverScript } = installation;
  const links = rememberLinks();
  checkLocalPath(binding, nodeExe, links);
  if (serverScript !== undefined) checkLocalPath(binding, serverScript, links);
  return throwIfWritable(binding, addinFiles(installation), { allow, links });
}
