import { WsbError } from "../../../base/errors.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";

/** @throws {@link WsbError} `ERR_WSB_ACCESS_DENIED` unless this process has administrator rights. */
export function requireElevation(binding: Pick<NativeBinding, "isElevated">): void {
  if (binding.isElevated()) return;
  throw new WsbError(
    "ERR_WSB_ACCESS_DENIED",
    "This command needs administrator rights; nothing was changed. Run the command from an elevated prompt.",
  );
}
