import { WsbError, windowsError } from "../../base/errors.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";

const NAME = "Global\\wsb-addin-registration";
// Longer than a registration, which waits up to a minute for the activation.
const WAIT_MS = 5 * 60_000;

/**
 * Runs `work` while no other process of this machine registers or unregisters an add-in.
 *
 * @throws {@link WsbError} `ERR_WSB_TIMEOUT` if another process does not finish.
 */
export async function withRegistrationLock<T>(
  api: Pick<NativeBinding, "acquireMutex">,
  work: () => T | Promise<T>,
): Promise<T> {
  const mutex = await api.acquireMutex(NAME, WAIT_MS).catch((error: unknown) => {
    throw windowsError(
      `Cannot take the lock ${NAME}`,
      "Find the program that uses an object with this name.",
      error,
    );
  });
  if (mutex === null) {
    throw new WsbError(
      "ERR_WSB_TIMEOUT",
      `Another registration has been running for ${WAIT_MS / 60_000} minutes; nothing was changed. Find the wsb-addin process and end it.`,
    );
  }
  try {
    return await work();
  } finally {
    mutex.release();
  }
}
