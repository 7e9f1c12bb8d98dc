import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { WsbError } from "../../base/errors.ts";
import { IID } from "../../base/interface-ids.ts";
import { packageFile } from "../../base/package-root.ts";
import { KEEP_ALIVE_TEXT } from "./keep-alive.ts";
import { KEEP_ALIVE_MODULE, PROXY_STUB, SERVICE, VSSAPI, type WineLab } from "./lab.ts";
import { fromWindowsPath } from "./paths.ts";
import { endLabProcesses } from "./processes.ts";
import { captureInLab } from "./run.ts";
import { runSetupProgram } from "./run-setup-program.ts";

/** The class id of the proxy/stub, as in native/lab/CMakeLists.txt. */
export const PROXY_STUB_CLSID = "{D82C2D14-7BEC-4C0F-BB39-4B8757F8CEF3}";

function prebuilt(name: string): string {
  return packageFile(`prebuilds/win32-x64/lab/${name}`);
}

/** The paths of the lab's binaries in this package. */
export const PREBUILT: {
  readonly proxyStub: string;
  readonly service: string;
  readonly abilities: string;
  readonly vssapi: string;
  readonly requester: string;
  readonly holder: string;
} = {
  proxyStub: prebuilt("wsb-lab-proxy-stub.dll"),
  service: prebuilt("wsb-lab-service.exe"),
  abilities: prebuilt("wsb-lab-abilities.exe"),
  vssapi: prebuilt("wsb-lab-vssapi.dll"),
  requester: prebuilt("wsb-lab-vss-requester.exe"),
  holder: prebuilt("wsb-lab-holder.exe"),
};

/**
 * Returns a hash of the lab's programs.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` when a binary is missing.
 */
export function hashBinaries(): string {
  const hash = createHash("sha256");
  for (const path of Object.values(PREBUILT)) {
    try {
      hash.update(readFileSync(path));
    } catch (cause) {
      throw new WsbError(
        "ERR_WSB_LAB",
        `Cannot read ${path}, which the lab needs. Install the package wsb-addin again, or build it with npm run build.`,
        { cause },
      );
    }
  }
  hash.update(KEEP_ALIVE_TEXT);
  return hash.digest("hex");
}

/** Returns the Linux path of a file that is to be written. */
function makeRoom(lab: WineLab, windowsPath: string): string {
  const path = fromWindowsPath(lab, windowsPath);
  makeFolders(dirname(path));
  // Replaced by a new file, because a clone may share the old one.
  rmSync(path, { force: true });
  return path;
}

async function requireRegistered(lab: WineLab, signal?: AbortSignal): Promise<void> {
  const expected = new Map(
    Object.values(IID).map((iid) => [
      `HKCR\\Interface\\${iid}\\ProxyStubClsid32`,
      PROXY_STUB_CLSID,
    ]),
  ).set(`HKCR\\CLSID\\${PROXY_STUB_CLSID}\\InProcServer32`, PROXY_STUB);
  for (const [key, value] of expected) {
    const query = ["query", key, "/ve"];
    const { output } = await captureInLab(lab, "reg.exe", query, { cwd: "/", signal });
    if (!output.toUpperCase().includes(value.toUpperCase())) {
      throw new WsbError(
        "ERR_WSB_LAB",
        `The proxy/stub is not registered in the lab: ${key} is not ${value}. Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
      );
    }
  }
}

// Wine's own vssapi.dll is a stub that ends the process that calls it.
const USE_STAND_IN = [
  "add",
  "HKCU\\Software\\Wine\\DllOverrides",
  "/v",
  "vssapi",
  "/d",
  "native",
  "/f",
];

/**
 * Copies the proxy/stub, the test service and the stand-in for vssapi.dll into the prefix, and
 * registers the first and the last.
 */
export async function placeBinaries(lab: WineLab, signal?: AbortSignal): Promise<void> {
  // A running server keeps the old proxy/stub loaded.
  await endLabProcesses(lab);
  copyFileSync(PREBUILT.proxyStub, makeRoom(lab, PROXY_STUB));
  copyFileSync(PREBUILT.service, makeRoom(lab, SERVICE));
  copyFileSync(PREBUILT.vssapi, makeRoom(lab, VSSAPI));
  writeFileSync(makeRoom(lab, KEEP_ALIVE_MODULE), KEEP_ALIVE_TEXT);
  await runSetupProgram(lab, "regsvr32.exe", ["/s", PROXY_STUB], signal);
  await runSetupProgram(lab, "reg.exe", USE_STAND_IN, signal);
  await requireRegistered(lab, signal);
}
