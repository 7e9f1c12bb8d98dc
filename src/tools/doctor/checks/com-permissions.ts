import { SID } from "../../../base/sid.ts";
import { COM_RIGHTS } from "../../../runtime/manifest/security-descriptor.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { REG, decodeString } from "../../registration/registry-value.ts";
import { grantedTo, readAccess } from "../access-text.ts";
import { ok, type Finding, type MachineCheck } from "../check.ts";

const OLE = "SOFTWARE\\Microsoft\\Ole";
const POLICY = "SOFTWARE\\Policies\\Microsoft\\Windows NT\\DCOM";

/** Where a descriptor is, and what it must grant. */
interface Place {
  readonly key: string;
  readonly name: string;
  readonly needed: number;
}

const CALL = COM_RIGHTS.EXECUTE | COM_RIGHTS.EXECUTE_LOCAL;
const START = CALL | COM_RIGHTS.ACTIVATE_LOCAL;

const places: readonly Place[] = [
  { key: OLE, name: "DefaultAccessPermission", needed: CALL },
  { key: OLE, name: "DefaultLaunchPermission", needed: START },
  { key: OLE, name: "MachineAccessRestriction", needed: CALL },
  { key: OLE, name: "MachineLaunchRestriction", needed: START },
  { key: POLICY, name: "MachineAccessRestriction", needed: CALL },
  { key: POLICY, name: "MachineLaunchRestriction", needed: START },
];

/** A descriptor of the machine that is set. */
export interface ComPermission extends Place {
  /** In Windows' notation; `null` if Windows does not accept it. */
  readonly descriptor: string | null;
}

const AUTHENTICATED_USERS = "S-1-5-11";
// Windows Server Backup's engine runs as SYSTEM, which is an administrator.
const SYSTEM_SIDS = [SID.system, SID.administrators, SID.everyone, AUTHENTICATED_USERS];

function problemOf({ key, name, needed, descriptor }: ComPermission): string | undefined {
  const place = `HKLM\\${key}, ${name},`;
  if (descriptor === null) return `${place} is no valid security descriptor.`;
  const granted = grantedTo(readAccess(descriptor), SYSTEM_SIDS);
  if ((granted & needed) === needed) return undefined;
  const verb = needed === START ? "start" : "call";
  return `${place} does not let SYSTEM ${verb} programs of this machine: ${descriptor}`;
}

/** Decides whether the machine's permissions let the engine start and call add-ins and writers. */
export function judgePermissions(
  set: readonly ComPermission[],
  enableDcom: string | undefined,
): Finding {
  const problems = set.map(problemOf).filter((text) => text !== undefined);
  if (problems.length > 0) {
    return {
      verdict: "fail",
      found: problems.join("\n"),
      advice:
        "Correct it in dcomcnfg.exe (My Computer, Properties, COM Security), or in the group policy that sets it, then restart the server.",
    };
  }
  if (enableDcom !== undefined && enableDcom.toUpperCase() === "N") {
    return {
      verdict: "warn",
      found: `HKLM\\${OLE}, EnableDCOM, is N: DCOM is switched off.`,
      advice: "Set it to Y and restart the server, unless your security policy requires N.",
    };
  }
  const names = set.map(({ name }) => name).join(", ");
  return ok(names === "" ? "Windows' own defaults apply." : `SYSTEM is let in by ${names}.`);
}

function readPlace(
  api: Pick<NativeBinding, "readRegistryValue" | "describeSecurity">,
  place: Place,
): readonly ComPermission[] {
  const value = api.readRegistryValue(place.key, place.name);
  if (value === null) return [];
  // The policy is in Windows' notation, the others are bytes.
  const descriptor =
    value.type === REG.BINARY ? api.describeSecurity(value.data) : (decodeString(value) ?? null);
  // An empty policy is not set.
  return descriptor === "" ? [] : [{ ...place, descriptor }];
}

export const comPermissionsCheck: MachineCheck = {
  id: "com-permissions",
  title: "COM permissions of the machine let SYSTEM in",
  why: "They limit every program. With wrong ones, writers are missing and the add-in cannot be started (VSS errors 8193 and 8194).",
  about: "machine",
  run: ({ api }) =>
    judgePermissions(
      places.flatMap((place) => readPlace(api, place)),
      decodeString(api.readRegistryValue(OLE, "EnableDCOM")),
    ),
};
