import { WsbError } from "../../base/errors.ts";
import { formatHresult, isFailure, nameHresult } from "../../base/hresult.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";

// The time that COM waits for a local server to register its class object.
const LIMIT_MS = 60_000;

/**
 * Activates a class once in its server process and releases it, to prove that the registration works.
 *
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` with COM's code, `ERR_WSB_TIMEOUT` after 60 s.
 */
export async function activateOnce(
  api: Pick<NativeBinding, "activate">,
  clsid: string,
  limitMs: number = LIMIT_MS,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new WsbError(
          "ERR_WSB_TIMEOUT",
          `Class ${clsid} was not activated within ${limitMs / 1000} s; everything was undone. Run node.exe with server.js by hand and read its output.`,
        ),
      );
    }, limitMs);
  });
  try {
    const { hresult, value } = await Promise.race([api.activate(clsid), late]);
    if (isFailure(hresult)) {
      throw new WsbError(
        "ERR_WSB_WINDOWS_API",
        `Class ${clsid} cannot be activated: ${nameHresult(hresult)} (CoCreateInstance, ${formatHresult(hresult)}); everything was undone. Run node.exe with server.js by hand and read its output.`,
        { hresult, api: "CoCreateInstance" },
      );
    }
    await value?.release();
  } finally {
    clearTimeout(timer);
  }
}
