import { EXIT } from "../cli/shared/exit-code.ts";
import type { Manifest } from "../../runtime/manifest/manifest.ts";
import { MARK_VALUE, markKey } from "../../runtime/restore/journal/mark.ts";
import { showKey, writerKey } from "../registration/keys.ts";
import type { PlanEntry } from "../registration/plan.ts";
import { readEntries, type ReadableEntry, type RegistryData } from "./data.ts";
import { withoutWriter } from "./without-writer.ts";
import { utf8, type ExportContext, type ExportFormat } from "./format.ts";
import { ownKeys, topKeys } from "./own-keys.ts";
import { plannedMarks, SESSION_IS_OPEN } from "./session-marks.ts";

const SPECIAL = /[&|<>^()!]/u;
// Candidates for the separator of a REG_MULTI_SZ; the first that occurs in no string is used.
const SEPARATORS = ["|", ";", "~", "#", "\u00A6", "\u2063"];

/**
 * Quotes an argument for a program that a batch file starts.
 *
 * The program reads `\"` as a quotation mark. cmd.exe does not know `\"`: every quotation mark
 * starts or ends quoted text, and outside of quoted text a caret escapes special characters. A
 * percent sign is doubled everywhere.
 */
export function quoteArgument(text: string): string {
  const argument = `"${text.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/\\+$/u, "$&$&")}"`;
  let isQuoted = false;
  let line = "";
  for (const character of argument) {
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && SPECIAL.test(character)) line += "^";
    line += character === "%" ? "%%" : character;
  }
  return line;
}

function quoteKey(key: string): string {
  return quoteArgument(showKey(key));
}

function typeAndData(data: RegistryData): string {
  switch (data.kind) {
    case "text":
      return `/t REG_SZ /d ${quoteArgument(data.text)}`;
    case "expandable":
      return `/t REG_EXPAND_SZ /d ${quoteArgument(data.text)}`;
    case "list": {
      const separator = SEPARATORS.find((one) => !data.texts.some((text) => text.includes(one)));
      const join = separator ?? "\\0";
      return `/t REG_MULTI_SZ /s ${quoteArgument(join)} /d ${quoteArgument(data.texts.join(join))}`;
    }
    case "number":
      return `/t REG_DWORD /d ${data.number}`;
    case "bytes":
      return `/t REG_BINARY /d ${quoteArgument(Buffer.from(data.bytes).toString("hex"))}`;
  }
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007E]*$/u.test(text);
}

/** Names an entry in a message, without quotation marks, because the caller quotes it. */
function stepName({ key, name }: ReadableEntry): string {
  const value = name === "" ? "the default value" : `value ${name}`;
  return `${showKey(key)}, ${value}`.replaceAll('"', "'").replaceAll("%", "%%");
}

const REG = '"%reg%"';
const BACKUP = '"%backup%"';

/** Sets the key for the backup of the old values; only administrators can write there. */
function setBackup(writerId: string): string {
  return `set "backup=${showKey(`SOFTWARE\\wsb-addin export ${writerId}`)}"`;
}

/** Switches the console to UTF-8 before lines beyond ASCII: cmd.exe reads in its code page. */
function openCodePage(lines: readonly string[]): readonly string[] {
  if (lines.every(isAscii)) return [];
  return [
    "rem The lines below have characters beyond ASCII in UTF-8, and cmd.exe reads a batch file in the",
    "rem code page of its console. Without a console the code page is fixed, so nothing is changed.",
    'set "codepage="',
    `for /f "tokens=2 delims=:." %%c in ('chcp') do set "codepage=%%c"`,
    "chcp 65001 >nul",
    "if errorlevel 1 goto nocodepage",
    "",
  ];
}

function closeCodePage(opened: readonly string[]): readonly string[] {
  return opened.length === 0 ? [] : ["if defined codepage chcp %codepage% >nul"];
}

function noCodePage(opened: readonly string[]): readonly string[] {
  if (opened.length === 0) return [];
  return [
    "",
    ":nocodepage",
    "echo Cannot switch the console to UTF-8; nothing was changed. Run this file in a console. 1>&2",
    "endlocal & exit /b 1",
  ];
}

function head(what: string, manifest: Manifest): readonly string[] {
  return [
    "@echo off",
    `rem ${what} the writer ${manifest.writerId} of Windows Server Backup.`,
    ...withoutWriter(manifest).map((line) => `rem ${line}`),
    "rem Run it from an elevated prompt. Exit code 0: done; 3: a restore session is open, nothing",
    "rem changed. Otherwise: reg.exe's code, nothing changed.",
    "setlocal EnableExtensions DisableDelayedExpansion",
    "rem The full path, because cmd.exe would prefer a reg.exe in the current folder.",
    'set "reg=%SystemRoot%\\System32\\reg.exe"',
  ];
}

function queryMark(key: string): string {
  return `${REG} query ${key} /v ${MARK_VALUE} /reg:64 >nul 2>nul`;
}

/** Leaves, before anything is changed, while a session of the planned or registered class is open. */
function refuseOpenSession(manifest: Manifest): readonly string[] {
  return [
    "rem This value exists exactly while a restore session is open.",
    ...plannedMarks(manifest).flatMap((key) => [
      queryMark(quoteKey(key)),
      "if not errorlevel 1 goto open",
    ]),
    "rem The registered class may be another.",
    'set "class="',
    // No quotation marks around the program: cmd.exe would remove the first and the last of the line.
    `for /f "tokens=2*" %%a in ('%reg% query ${quoteKey(writerKey(manifest.writerId))} /v CLSID /reg:64 2^>nul') do if "%%a"=="REG_SZ" set "class=%%b"`,
    "if not defined class goto closed",
    queryMark(`"${showKey(markKey("%class%"))}"`),
    "if not errorlevel 1 goto open",
    ":closed",
    "",
  ];
}

const OPEN: readonly string[] = [
  "",
  ":open",
  `echo ${SESSION_IS_OPEN} 1>&2`,
  `endlocal & exit /b ${EXIT.conflict}`,
];

/** Runs reg.exe if a key exists. Avoids `||`, which not every cmd.exe accepts after an `if`. */
function ifThere(key: string, command: string, onFailure: string): readonly string[] {
  return [
    `${REG} query ${key} /reg:64 >nul 2>nul`,
    "set missing=%errorlevel%",
    `if %missing%==0 ${REG} ${command} >nul`,
    `if %missing%==0 if errorlevel 1 ${onFailure}`,
  ];
}

/** A key of the registration, and where its old values are while the file runs. */
interface Place {
  readonly key: string;
  readonly copy: string;
}

const DELETE_BACKUP = `${REG} delete ${BACKUP} /f /reg:64 >nul 2>nul`;

function backUp(places: readonly Place[]): readonly string[] {
  return [
    "rem Backs up the existing values until everything is written.",
    DELETE_BACKUP,
    ...places.flatMap(({ key, copy }) =>
      ifThere(key, `copy ${key} ${copy} /s /f /reg:64`, "goto nocopy"),
    ),
    "",
  ];
}

function writeValue(entry: ReadableEntry): readonly string[] {
  return [
    `rem ${entry.why.replaceAll("%", "%%")}`,
    `set "step=${stepName(entry)}"`,
    [
      // The redirection comes first, because a quotation mark in the data may leave cmd.exe in
      // quoted text.
      `>nul ${REG} add ${quoteKey(entry.key)}`,
      entry.name === "" ? "/ve" : `/v ${quoteArgument(entry.name)}`,
      typeAndData(entry.data),
      "/f /reg:64",
    ].join(" "),
    "if errorlevel 1 goto failed",
    "",
  ];
}

function putBack(places: readonly Place[]): readonly string[] {
  return [
    "set code=%errorlevel%",
    'echo Cannot write "%step%": exit code %code%. 1>&2',
    "set left=0",
    ...places
      .toReversed()
      .flatMap(({ key, copy }) =>
        [
          ifThere(key, `delete ${key} /f /reg:64`, "set left=1"),
          ifThere(copy, `copy ${copy} ${key} /s /f /reg:64`, "set left=1"),
        ].flat(),
      ),
    `if %left%==0 ${DELETE_BACKUP}`,
    "if %left%==0 echo All changes were undone. 1>&2",
    `if %left%==1 echo Some changes could not be undone; the old values are in ${BACKUP}. 1>&2`,
  ];
}

function register(
  entries: readonly ReadableEntry[],
  tops: readonly string[],
  manifest: Manifest,
): readonly string[] {
  const { writerId } = manifest;
  const places = tops.map((key, index) => ({
    key: quoteKey(key),
    copy: `"%backup%\\${index + 1}"`,
  }));
  const work = [...backUp(places), ...entries.flatMap(writeValue)];
  const opened = openCodePage(work);
  return [
    ...head("Registers", manifest),
    setBackup(writerId),
    "",
    ...refuseOpenSession(manifest),
    ...opened,
    ...work,
    DELETE_BACKUP,
    ...closeCodePage(opened),
    "endlocal & exit /b 0",
    "",
    ":failed",
    ...putBack(places),
    ...closeCodePage(opened),
    "endlocal & exit /b %code%",
    "",
    ":nocopy",
    "echo Cannot back up the existing values; nothing was changed. Run this file from an elevated prompt. 1>&2",
    DELETE_BACKUP,
    ...closeCodePage(opened),
    "endlocal & exit /b 1",
    ...noCodePage(opened),
    ...OPEN,
  ];
}

function unregister(tops: readonly string[], manifest: Manifest): readonly string[] {
  return [
    ...head("Removes", manifest),
    "",
    ...refuseOpenSession(manifest),
    ...tops.map(quoteKey).flatMap((key) => ifThere(key, `delete ${key} /f /reg:64`, "goto failed")),
    "endlocal & exit /b 0",
    "",
    ":failed",
    "set code=%errorlevel%",
    "echo Cannot remove everything: exit code %code%. Run this file from an elevated prompt. 1>&2",
    "endlocal & exit /b %code%",
    ...OPEN,
  ];
}

/**
 * The format of batch files with `reg add` lines: one that registers or undoes itself, one that
 * removes.
 */
export const bat: ExportFormat = {
  summary: "batch file of reg add lines that undoes its changes on failure, and one that removes",
  undoHint: "",
  write(plan: readonly PlanEntry[], { fileName, manifest }: ExportContext) {
    const entries = readEntries(plan, "bat");
    const tops = topKeys(ownKeys(plan, manifest));
    return [
      {
        fileName: `${fileName}-register.bat`,
        role: "main",
        content: utf8(register(entries, tops.toReversed(), manifest)),
      },
      {
        fileName: `${fileName}-unregister.bat`,
        role: "undo",
        content: utf8(unregister(tops, manifest)),
      },
    ];
  },
};
