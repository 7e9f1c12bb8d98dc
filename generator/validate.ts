import { parseId } from "../src/guid.ts";
import { identifierRule, serviceNameRule } from "../src/manifest/parse.ts";
import type { GivenAnswers } from "./answers.ts";

/** One answer that cannot be used: the flag it belongs to and what it must be instead. */
export interface Problem {
  readonly flag: string;
  /** Ends a sentence that begins with the flag: "must be a GUID …". */
  readonly complaint: string;
}

const maxSegmentLength = 255;
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}]/u;
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
const reservedDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³])$/iu;
const forbiddenInFolders = /[<>:"|?*]/u;

/** Tells whether Windows keeps this file name for a device, with any extension. */
export function isReservedOnWindows(fileName: string): boolean {
  const [stem = ""] = fileName.split(".");
  return reservedDevice.test(stem.trimEnd());
}

/** Checks the VSS writer's class id; `undefined` when it can be used. */
export function checkWriterId(text: string): string | undefined {
  if (parseId(text) !== undefined) return undefined;
  return 'must be a GUID such as {CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}; "vssadmin list writers" shows the application\'s';
}

/** Checks the list of services as a whole; `undefined` when it can be used. */
export function checkServices(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const name of names) {
    const complaint = serviceNameRule(name);
    if (complaint !== undefined) return complaint;
    // The service control manager compares names without regard to case.
    const key = name.toUpperCase();
    if (seen.has(key)) return `must name each service once: "${printable(name)}" is there twice`;
    seen.add(key);
  }
  return undefined;
}

/** Checks that Windows can have this folder; `undefined` when it can. */
export function checkFolder(folder: string): string | undefined {
  if (folder === "") return "must not be empty";
  const segments = folder.replace(/^[a-z]:(?=[\\/]|$)/iu, "").split(/[\\/]/u);
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === "..") continue;
    if (unprintable.test(segment) || forbiddenInFolders.test(segment)) {
      return `must be a folder Windows can have: "${printable(segment)}" has a character it forbids`;
    }
    if (/[. ]$/u.test(segment)) {
      return `must be a folder Windows can have: "${segment}" ends with a blank or a full stop`;
    }
    if (isReservedOnWindows(segment)) {
      return `must be a folder Windows can have: it keeps "${segment}" for a device`;
    }
    if (segment.length > maxSegmentLength) {
      return `must be a folder Windows can have: a name in it has ${segment.length} characters, ${maxSegmentLength} are allowed`;
    }
  }
  return undefined;
}

/** Checks every answer that was given; an answer that is missing has no problem, it gets its default. */
export function checkAnswers(given: GivenAnswers): readonly Problem[] {
  const checks = [
    { flag: "--name", complaint: check(given.name, identifierRule) },
    { flag: "--dir", complaint: check(given.folder, checkFolder) },
    { flag: "--identifier", complaint: check(given.identifier, identifierRule) },
    { flag: "--writer-id", complaint: check(given.writerId, checkWriterId) },
    { flag: "--service", complaint: check(given.services, checkServices) },
  ];
  return checks.flatMap(({ flag, complaint }) =>
    complaint === undefined ? [] : [{ flag, complaint }],
  );
}

function check<T>(
  answer: T | undefined,
  checkAnswer: (answer: T) => string | undefined,
): string | undefined {
  return answer === undefined ? undefined : checkAnswer(answer);
}

/** Shows control characters as escapes, so that an error cannot steer the terminal it is printed on. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}
