import { parseGuid } from "../../../base/guid.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { showKey, writerKey } from "../../registration/keys.ts";
import { REG, showValue, typeName } from "../../registration/registry-value.ts";
import {
  notVisible,
  ok,
  type AddinCheck,
  type DoctorAddin,
  type Finding,
  type RegistrationFacts,
} from "../check.ts";

const IDENTIFIER = "Application Identifier";
const VALUES = [IDENTIFIER, "CLSID"];

/** Returns what of a writer's key is not of the documented form, one sentence each. */
export function findKeyFaults(
  api: Pick<NativeBinding, "readRegistryKey" | "readRegistryValue">,
  writerId: string,
): readonly string[] {
  const key = writerKey(writerId);
  const content = api.readRegistryKey(key);
  if (content === null) return [];
  const subkeys = content.subkeys.map(
    (name) => `It has the subkey ${name}; Windows Server Backup reads values, not subkeys.`,
  );
  const values = content.values.map((name) => {
    const value = api.readRegistryValue(key, name);
    if (value === null) return undefined;
    const known = VALUES.find((one) => one.toUpperCase() === name.toUpperCase());
    if (known === undefined) return `It has a value ${JSON.stringify(name)} that nobody documents.`;
    if (value.type !== REG.SZ) return `${known} is ${typeName(value)} and must be REG_SZ.`;
    if (known === "CLSID" && parseGuid(JSON.parse(showValue(value))) === undefined) {
      return `CLSID is ${showValue(value)}, which is no GUID.`;
    }
    return undefined;
  });
  const missing = content.values.some((name) => name.toUpperCase() === IDENTIFIER.toUpperCase())
    ? []
    : [`It has no value ${JSON.stringify(IDENTIFIER)}.`];
  return [...subkeys, ...values.filter((text) => text !== undefined), ...missing];
}

/** Decides about a registration by its record and by the form of its key. */
export function judgeRegistered(
  { condition, drift, writer = [] }: RegistrationFacts,
  faults: readonly string[],
  { writerId, command }: Pick<DoctorAddin, "writerId" | "command">,
): Finding {
  const key = showKey(writerKey(writerId));
  switch (condition) {
    case "not registered":
      return {
        verdict: "fail",
        found: `Writer ${writerId} is not registered.`,
        advice: `Run from an elevated prompt: ${command("register")}`,
      };
    case "half done":
      return {
        verdict: "fail",
        found: "A command was interrupted while it changed the registration.",
        advice: `To undo or complete it, run from an elevated prompt: ${command("recover")}`,
      };
    case "record damaged":
      return {
        verdict: "fail",
        found: "The registration record cannot be read.",
        advice: `To set it aside and register again, run: ${command("register --repair")}`,
      };
    case "as written":
    case "differs":
    case "abandoned restore":
    case "not visible":
      break;
  }
  const differences = drift.map(
    (one) => `${one.key}, ${one.name || "(default)"}: is ${one.found}, was ${one.expected}.`,
  );
  if (differences.length + faults.length > 0) {
    return {
      verdict: "fail",
      found: [...(faults.length > 0 ? [`${key} is not as documented.`] : []), ...faults]
        .concat(differences)
        .join("\n"),
      advice: `Find out who changed the registry, then run: ${command("register --update")}`,
    };
  }
  if (writer.length > 0) {
    return {
      verdict: "fail",
      found: writer.join("\n"),
      advice: `Find out who changed it, then run from an elevated prompt: ${command("register")}`,
    };
  }
  if (condition === "differs") {
    return {
      verdict: "warn",
      found: "The writer is registered, but not by wsb-addin, so its values cannot be compared.",
      advice: "Look at them with the program that wrote them.",
    };
  }
  if (condition === "not visible") return notVisible("The registration record");
  return ok("All values are as they were written.");
}

export const registrationCheck: AddinCheck = {
  id: "registration",
  title: "Registration as written",
  why: "With another value, Windows Server Backup does not find the application, or starts another program.",
  about: "application",
  run: async (addin, { api }) =>
    judgeRegistered(await addin.registration(), findKeyFaults(api, addin.writerId), addin),
};
