import { parseId } from "../src/base/guid.ts";
import { identifierRule, serviceNameRule } from "../src/runtime/manifest/rules.ts";
import { folderRule, xmlTextRule } from "../src/runtime/manifest/writer-rules.ts";
import type { GivenAnswers } from "./answers.ts";
import {
  choiceRule,
  choose,
  chosenHandlers,
  ciSystems,
  handlers,
  interfaceHandlers,
  kinds,
  namesAll,
  ownWriterKinds,
  packageManagers,
  shimForms,
  writerKinds,
} from "./choices.ts";
import type { HandlerName, Kind } from "./choices.ts";

/** An answer that is not valid. */
export interface Problem {
  readonly flag: string;
  /** The end of a sentence that begins with the flag: "must be a GUID …". */
  readonly complaint: string;
}

const maxSegmentLength = 255;
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}]/u;
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const reservedDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])$/iu;
const forbiddenInFolders = /[<>:"|?*]/u;

/** Tells whether Windows reserves this file name for a device, with any extension. */
export function isReservedOnWindows(fileName: string): boolean {
  const [stem = ""] = fileName.split(".");
  return reservedDevice.test(stem.trimEnd());
}

/** Checks the VSS writer's class ID; returns `undefined` if it is valid. */
export function checkWriterId(text: string): string | undefined {
  if (parseId(text) !== undefined) return undefined;
  return 'must be a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}; "vssadmin list writers" shows the application\'s';
}

/** Checks the list of services; returns `undefined` if it is valid. */
export function checkServices(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    const complaint = serviceNameRule(name);
    if (complaint !== undefined) return complaint;
    // The service control manager compares names without regard to case.
    const key = name.toUpperCase();
    if (seen.has(key)) return `must name each service once, but "${printable(name)}" occurs twice`;
    seen.add(key);
  }
  return undefined;
}

/** Checks that Windows allows this path; returns `undefined` if it does. */
export function checkFolder(folder: string): string | undefined {
  if (folder === "") return "must not be empty";
  const segments = folder.replace(/^[a-z]:(?=[\\/]|$)/iu, "").split(/[\\/]/u);
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === "..") continue;
    if (unprintable.test(segment) || forbiddenInFolders.test(segment)) {
      return `must be a folder that Windows allows: "${printable(segment)}" contains a forbidden character`;
    }
    if (/[. ]$/u.test(segment)) {
      return `must be a folder that Windows allows: "${segment}" ends with a space or a full stop`;
    }
    if (segment.toLowerCase() === "node_modules") {
      return `must not be inside "${segment}": package managers delete what they do not know there`;
    }
    if (isReservedOnWindows(segment)) {
      return `must be a folder that Windows allows: "${segment}" is reserved for a device`;
    }
    if (segment.length > maxSegmentLength) {
      return `must be a folder that Windows allows: a name in it has ${segment.length} characters, and the limit is ${maxSegmentLength}`;
    }
  }
  return undefined;
}

/** Tells whether an answer, in any case, is a writer that the kit brings. */
export function isOwnWriter(writer: string | undefined): boolean {
  return choose(ownWriterKinds, writer ?? "") !== undefined;
}

/** Checks a GUID other than the VSS writer's; returns `undefined` if it is valid. */
export function checkGuid(text: string): string | undefined {
  if (parseId(text) !== undefined) return undefined;
  return "must be a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
}

/** Checks the names of handlers, or of those to write in C#; returns `undefined` if they are valid. */
export function checkHandlers(
  names: readonly string[],
  known: readonly HandlerName[] = handlers,
): string | undefined {
  const groups = ["all", "none"];
  for (const name of names) {
    const complaint = choiceRule([...known, ...groups], name);
    if (complaint !== undefined) return complaint;
    if (choose(groups, name) !== undefined && names.length > 1) {
      return `must be ${name} alone, or the names of handlers`;
    }
  }
  return undefined;
}

// Kinds of projects that use a flag; other flags are for every kind.
const kindsOfFlag: Readonly<Record<string, readonly Kind[]>> = {
  "--identifier": ["add-in", "application"],
  "--writer": ["add-in", "application"],
  "--writer-id": ["add-in", "application"],
  "--files": ["add-in", "application"],
  "--clsid": ["add-in"],
  "--app-id": ["add-in"],
  "--handler": ["add-in"],
  "--service": ["add-in"],
  "--dotnet": ["add-in"],
  "--shim": ["add-in"],
  "--snapin-id": ["cloud"],
};

/** Checks all given answers. A missing answer is no problem: it gets its default. */
export function checkAnswers(given: GivenAnswers): readonly Problem[] {
  const checks = [
    { flag: "--name", given: given.name, complaint: check(given.name, identifierRule) },
    { flag: "--dir", given: given.folder, complaint: check(given.folder, checkFolder) },
    { flag: "--kind", given: given.kind, complaint: check(given.kind, rule(kinds)) },
    {
      flag: "--identifier",
      given: given.identifier,
      complaint: check(given.identifier, identifierRule),
    },
    { flag: "--writer", given: given.writer, complaint: check(given.writer, rule(writerKinds)) },
    { flag: "--writer-id", given: given.writerId, complaint: check(given.writerId, checkWriterId) },
    { flag: "--files", given: given.files, complaint: check(given.files, folderRule) },
    { flag: "--clsid", given: given.clsid, complaint: check(given.clsid, checkGuid) },
    { flag: "--app-id", given: given.appId, complaint: check(given.appId, checkGuid) },
    { flag: "--snapin-id", given: given.snapinId, complaint: check(given.snapinId, checkGuid) },
    {
      flag: "--handler",
      given: given.handlers,
      complaint: check(given.handlers, (names) => checkHandlers(names)),
    },
    { flag: "--service", given: given.services, complaint: check(given.services, checkServices) },
    {
      flag: "--dotnet",
      given: given.dotnet,
      complaint: check(given.dotnet, (names) => checkHandlers(names, interfaceHandlers)),
    },
    { flag: "--shim", given: given.shim, complaint: check(given.shim, rule(shimForms)) },
    { flag: "--ci", given: given.ci, complaint: check(given.ci, rule(ciSystems)) },
    {
      flag: "--package-manager",
      given: given.packageManager,
      complaint: check(given.packageManager, rule(packageManagers)),
    },
  ];
  const problems = checks.flatMap(({ flag, given: answer, complaint }) => {
    const found = complaint ?? (answer === undefined ? undefined : checkMeaning(flag, given.kind));
    return found === undefined ? [] : [{ flag, complaint: found }];
  });
  return problems.length > 0
    ? problems
    : [...checkPurpose(given), ...checkOwnWriter(given), ...checkDotnet(given)];
}

function rule(values: readonly string[]): (text: string) => string | undefined {
  return (text) => {
    const complaint = choiceRule(values, text);
    return complaint === undefined ? undefined : printable(complaint);
  };
}

function checkMeaning(flag: string, kindText: string | undefined): string | undefined {
  const kind = choose(kinds, kindText ?? "add-in");
  const allowed = kindsOfFlag[flag];
  if (kind === undefined || allowed === undefined || allowed.includes(kind)) return undefined;
  return `has no meaning for --kind ${kind}, only for --kind ${allowed.join(" and --kind ")}`;
}

/** Windows never calls an add-in that has no handler and stops no service. */
function checkPurpose(given: GivenAnswers): readonly Problem[] {
  const isAddin = choose(kinds, given.kind ?? "add-in") === "add-in";
  const handlesNothing =
    given.handlers !== undefined && chosenHandlers(given.handlers).length === 0;
  if (!isAddin || !handlesNothing || (given.services ?? []).length > 0) return [];
  const complaint = "none needs a --service: an add-in has a handler or stops a service";
  return [{ flag: "--handler", complaint }];
}

/** Only a writer of the kit needs to know files, and reports a name. */
function checkOwnWriter({ writer, files, name }: GivenAnswers): readonly Problem[] {
  if (isOwnWriter(writer)) {
    const complaint = check(name, xmlTextRule);
    return complaint === undefined ? [] : [{ flag: "--name", complaint }];
  }
  const complaint = "needs --writer declared or --writer service";
  return files === undefined ? [] : [{ flag: "--files", complaint }];
}

/** Only handlers of the project can be written in C#. */
function checkDotnet({ dotnet = [], handlers: given }: GivenAnswers): readonly Problem[] {
  if (namesAll(dotnet)) return [];
  const chosen = chosenHandlers(given);
  const absent = chosenHandlers(dotnet).filter((name) => !chosen.includes(name));
  if (absent.length === 0) return [];
  const complaint = `must name handlers of the project: --handler leaves out ${absent.join(", ")}`;
  return [{ flag: "--dotnet", complaint }];
}

function check<T>(
  answer: T | undefined,
  checkAnswer: (answer: T) => string | undefined,
): string | undefined {
  return answer === undefined ? undefined : checkAnswer(answer);
}

/** Escapes control characters, so that an error message cannot control the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}
