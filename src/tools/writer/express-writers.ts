import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { WsbError, nativeFailure, windowsError } from "../../base/errors.ts";
import { fileError, isMissingFile } from "../../base/file-error.ts";
import { HRESULT, formatHresult, nameHresult } from "../../base/hresult.ts";
import { decodeDocument } from "../../runtime/metadata/decode.ts";
import type { NativeBinding, NativeExpressWriter } from "../../runtime/native/binding.ts";
import { writerIdIn } from "./same-document.ts";

/** The express writers of a machine. */
export interface ExpressWriters {
  /** Returns the metadata document of a writer in Windows' store; `null` for none. */
  read(writerId: string): string | null;
  /** @throws {@link WsbError} `ERR_WSB_CONFLICT` when the store has a document of that id. */
  register(writer: NativeExpressWriter): Promise<void>;
  /** Puts a document back that was read from the store. */
  registerDocument(writerId: string, document: string): Promise<void>;
  /** Removes the document of a writer; does nothing without one. */
  unregister(writerId: string): Promise<void>;
}

export type Vss = Pick<
  NativeBinding,
  "registerExpressWriter" | "registerExpressDocument" | "unregisterExpressWriter" | "knownFolders"
>;

/**
 * Returns the folder of Windows' store. Its in-box writer {75DFB225-…} names the folder and `*.xml`
 * in its own metadata, so that backups contain it.
 */
export function expressStore({ knownFolders }: Pick<NativeBinding, "knownFolders">): string {
  return join(knownFolders().windows, "Vss", "Writers");
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.xml$/iu.test(name))
      .map((name) => join(folder, name));
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw fileError(`Cannot read ${folder}`, "Run the command from an elevated prompt.", error);
  }
}

/** Reads a document; `undefined` for a file that is gone, or that is no text. */
function readDocument(file: string): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw fileError(`Cannot read ${file}`, "Run the command from an elevated prompt.", error);
  }
  try {
    return decodeDocument(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Finds the document of a writer. The names of the files are not documented, so each is read; only
 * Windows and administrators can write to this folder.
 */
function findDocument(folder: string, writerId: string): string | null {
  for (const file of filesBelow(folder)) {
    const document = readDocument(file);
    if (document !== undefined && writerIdIn(document) === writerId) return document;
  }
  return null;
}

/** What VSS says with a code, for which Windows has no text, and what to do about it. */
const refusals: ReadonlyMap<number, readonly [text: string, nextStep: string]> = new Map([
  [
    HRESULT.VSS_E_BAD_STATE,
    ["VSS got its calls in another order than it expects", "Report it with this message."],
  ],
  [
    HRESULT.VSS_E_UNEXPECTED,
    ["VSS failed unexpectedly", "Look at the errors of source VSS in the Windows event log."],
  ],
  [
    HRESULT.VSS_E_INVALID_XML_DOCUMENT,
    [
      "VSS does not accept the writer's metadata document",
      "Look at the errors of source VSS in the Windows event log.",
    ],
  ],
  [
    HRESULT.VSS_E_NOT_SUPPORTED,
    ["VSS does not support this in an express writer", "Report it with this message."],
  ],
  [
    HRESULT.ERROR_MOD_NOT_FOUND,
    [
      "this Windows has no vssapi.dll",
      'Use Windows Server 2008 R2 or later, or "kind": "external" for a writer of your own.',
    ],
  ],
  [
    HRESULT.ERROR_PROC_NOT_FOUND,
    [
      "this Windows does not know express writers",
      'Use Windows Server 2008 R2 or later, or "kind": "external" for a writer of your own.',
    ],
  ],
  [
    HRESULT.ERROR_NOT_SAFEBOOT_SERVICE,
    ["VSS does not work in safe mode", "Start Windows normally, and run the command again."],
  ],
]);

/** Turns a refusal of VSS into an error with the name of its code. */
function vssError(what: string, error: unknown): unknown {
  const failure = nativeFailure(error);
  const refusal = failure && refusals.get(failure.hresult);
  if (failure === undefined || refusal === undefined) {
    return windowsError(what, "Look at the errors of source VSS in the Windows event log.", error);
  }
  const { api, hresult } = failure;
  const [text, nextStep] = refusal;
  const code = `${nameHresult(hresult)}, ${formatHresult(hresult)}`;
  return new WsbError("ERR_WSB_WINDOWS_API", `${what}: ${text} (${api}, ${code}). ${nextStep}`, {
    hresult,
    api,
    cause: error,
  });
}

/** The text about a writer that another program registered. */
export function describeForeignWriter(writerId: string): string {
  return `Another program has registered an express writer ${writerId} with VSS.`;
}

function isCode(error: unknown, hresult: number): boolean {
  return nativeFailure(error)?.hresult === hresult;
}

async function registering(writerId: string, register: () => Promise<void>): Promise<void> {
  try {
    await register();
  } catch (error) {
    if (isCode(error, HRESULT.VSS_E_OBJECT_ALREADY_EXISTS)) {
      throw new WsbError(
        "ERR_WSB_CONFLICT",
        `${describeForeignWriter(writerId)} Run the command again.`,
        { cause: error },
      );
    }
    throw vssError(`Cannot register the express writer ${writerId}`, error);
  }
}

/** Returns the express writers of this machine. */
export function expressWritersOn(vss: Vss): ExpressWriters {
  return {
    read: (writerId) => findDocument(expressStore(vss), writerId),
    register: (writer) => registering(writer.writerId, () => vss.registerExpressWriter(writer)),
    registerDocument: (writerId, document) =>
      registering(writerId, () => vss.registerExpressDocument(document)),
    async unregister(writerId) {
      try {
        await vss.unregisterExpressWriter(writerId);
      } catch (error) {
        if (isCode(error, HRESULT.VSS_E_OBJECT_NOT_FOUND)) return;
        throw vssError(`Cannot remove the express writer ${writerId}`, error);
      }
    },
  };
}
