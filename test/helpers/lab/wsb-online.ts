import { copyFileSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Lab } from "../../../src/tools/lab/lab.ts";
import { fromWindowsPath } from "../../../src/tools/lab/paths.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import type { Agent } from "./agent.ts";

export const MMC = "SOFTWARE\\Microsoft\\MMC";
// The substitute uses these as the ids of Windows Server Backup's snap-in and its node.
export const PARENT = "{5B0F7A52-1C0E-4C3D-9D55-6E3C6F2B9A01}";
const NODE_TYPE = "{5B0F7A52-1C0E-4C3D-9D55-6E3C6F2B9A02}";
const SYSTEM_DLL = "C:\\windows\\system32\\WsbOnline.dll";

/** Installs the substitute for WsbOnline.dll in Windows' system folder. */
export function placeStandIn(lab: Lab): void {
  const target = fromWindowsPath(lab, SYSTEM_DLL);
  // A clone shares the files of its system folder with other labs.
  if (existsSync(target)) throw new Error(`${target} already exists`);
  copyFileSync(
    fileURLToPath(new URL("../../../prebuilds/win32-x64/lab/wsb-lab-online.dll", import.meta.url)),
    target,
  );
}

/** Writes the keys of Windows Server Backup's own snap-in, which the substitute needs. */
export async function writeSnapInKeys({ binding }: Agent): Promise<void> {
  const write = async (key: string, name: string, text: string): Promise<void> => {
    const { type, data } = encodeString(text);
    await binding.createRegistryKey(key);
    await binding.writeRegistryValue(key, name, type, data);
  };
  await write(`${MMC}\\SnapIns\\${PARENT}`, "NameString", "Windows Server Backup");
  await write(`${MMC}\\SnapIns\\${PARENT}\\NodeTypes`, NODE_TYPE, "");
  await binding.createRegistryKey(`${MMC}\\NodeTypes\\${NODE_TYPE}\\Extensions\\NameSpace`);
}
