import { existsSync } from "node:fs";

import { isPackedExe } from "../../../base/packed.ts";
import { readEvents } from "../../../runtime/events/read-events.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import type { Manifest } from "../../../runtime/manifest/manifest.ts";
import { decodeDocument } from "../../../runtime/metadata/decode.ts";
import { parseWriterMetadata } from "../../../runtime/metadata/parse.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import type { DoctorAddin, OpenSession } from "../../doctor/check.ts";
import { findApplications } from "../../registration/find-applications.ts";
import { writerKey } from "../../registration/keys.ts";
import { openMachine } from "../../registration/machine.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import { textsOf } from "../../registration/registry-value.ts";
import { expandVariables } from "../../simulate/file-places.ts";
import { writerDocument } from "../../writer/document.ts";
import { manifestPath, readInput } from "./installation.ts";
import { expectedInstalled } from "./expected-installed.ts";
import { judgeRegistration } from "./judge-registration.ts";
import { ownCommand } from "../../../base/own-command.ts";
import { adviceLines, findSessionOwner, manifestBeside, reportSession } from "./session.ts";
import { describeWriter } from "./show-steps.ts";
import { writerIdOf, type WriterOptions } from "./writer.ts";

export interface ExamineOptions extends WriterOptions {
  readonly metadata?: string;
}

/** The commands that accept `--writer-id`. */
const WITH_WRITER_ID = /^(?:doctor|log|recover|status)\b/u;

function commandFor({ writerId }: WriterOptions): (command: string) => string {
  return (command) =>
    writerId !== undefined && WITH_WRITER_ID.test(command)
      ? ownCommand(`${command} --writer-id ${writerId}`)
      : ownCommand(command);
}

function openSession(binding: NativeBinding, options: WriterOptions): OpenSession | undefined {
  const owner = findSessionOwner(binding, options);
  const report = owner && reportSession(owner);
  return report && { ...report, lines: adviceLines(report) };
}

/** Returns the metadata document that tells the components; `undefined` for none. */
function documentOf(
  { metadata }: ExamineOptions,
  manifest: Manifest | undefined,
): string | undefined {
  if (metadata !== undefined) return decodeDocument(readInput(metadata));
  if (manifest === undefined || manifest.writer.kind === "external") return undefined;
  return writerDocument(manifest, manifest.writer);
}

/** Returns the folders with the files of all components of a metadata document. */
function pathsIn(document: string): readonly string[] {
  const { components } = parseWriterMetadata(document);
  const paths = components.flatMap(({ files, logFiles }) => files.concat(logFiles));
  return [...new Set(paths.map(({ path }) => expandVariables(path, process.env)))];
}

function ownManifest({ manifest, writerId }: WriterOptions): Manifest | undefined {
  return writerId === undefined ? loadManifest(manifestPath(manifest)) : undefined;
}

function examine(binding: NativeBinding, options: ExamineOptions): DoctorAddin {
  const own = ownManifest(options);
  const writerId = writerIdOf(options);
  const installation = readInstallation(binding, writerId);
  const manifest = manifestBeside(installation?.serverScript ?? installation?.writerScript) ?? own;
  const document = documentOf(options, manifest);
  const identifier = binding.readRegistryValue(writerKey(writerId), "Application Identifier");
  const clsid = readClsid(binding, writerId) ?? manifest?.addin?.clsid;
  return {
    name: manifest?.name ?? textsOf(identifier).at(0) ?? writerId,
    writerId,
    clsid,
    manifest,
    installation,
    registration: async () => {
      const { condition, status } = await judgeRegistration({
        binding,
        open: (report) => openMachine(binding, report),
        options,
        ...expectedInstalled(binding, options),
      });
      const { drift, warnings } = status;
      return {
        condition,
        drift,
        writer: describeWriter(status),
        warnings,
      };
    },
    session: () => openSession(binding, options),
    events: () => (clsid === undefined ? [] : readEvents(binding, clsid).lines),
    componentPaths: document === undefined ? undefined : pathsIn(document),
    command: commandFor(options),
  };
}

/** Tells whether the command line or this folder names one application. */
function namesOne({ manifest, writerId }: WriterOptions, isGiven: boolean): boolean {
  return isGiven || writerId !== undefined || isPackedExe() || existsSync(manifestPath(manifest));
}

/**
 * Returns the application that the command line names, or that is in this folder; without either,
 * all that the kit registered on this machine.
 *
 * @param isGiven Whether the command line names the manifest.
 */
export function examined(
  binding: NativeBinding,
  options: ExamineOptions,
  isGiven: boolean,
): readonly DoctorAddin[] {
  if (namesOne(options, isGiven)) return [examine(binding, options)];
  return findApplications(binding).map(({ writerId }) =>
    examine(binding, { ...options, writerId }),
  );
}
