import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { WsbError } from "../../../base/errors.ts";
import { labFolder } from "../../lab/folder.ts";
import { labInfo, wineUpgrade } from "../../lab/info.ts";
import type { Lab } from "../../lab/lab.ts";
import { toWindowsPath } from "../../lab/paths.ts";
import { runInLab } from "../../lab/run.ts";
import { DOCS_VARIABLE, shownDocsFolder } from "./docs-page.ts";
import { wantsColour } from "./output.ts";
import { ownCommand } from "../../../base/own-command.ts";

/** Returns the running lab. @throws {@link WsbError} `ERR_WSB_LAB` if there is none. */
export function requireLab(): Lab {
  const lab = labInfo(labFolder());
  if (lab !== undefined) return lab;
  throw new WsbError(
    "ERR_WSB_LAB",
    `This command needs Windows, but there is no lab in ${labFolder()}. Run: ${ownCommand("lab up")}`,
  );
}

// Options with paths: an absolute Linux path is on drive Z: in the lab.
const pathOptions = new Set([
  "--manifest",
  "--metadata",
  "--from",
  "--node",
  "--provider",
  "--status",
  "--data",
  "--out",
  "--html",
]);

function translatePaths(lab: Lab, args: readonly string[]): readonly string[] {
  return args.map((arg, index) =>
    arg.startsWith("/") && pathOptions.has(args[index - 1] ?? "") ? toWindowsPath(lab, arg) : arg,
  );
}

/** Environment variable with the path of a file; the file signals Ctrl-C to the command in the lab. */
export const CANCEL_FILE_VARIABLE = "WSB_ADDIN_CANCEL_FILE";

/**
 * Runs this command line with the lab's node.exe, so that a command is the same on Linux and Windows.
 *
 * @param env Further environment variables of the command.
 * @returns The exit code of the command.
 */
export async function relayToLab(
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const lab = requireLab();
  const upgrade = wineUpgrade(lab);
  if (upgrade !== undefined) process.stderr.write(`${upgrade}\n`);
  const main = toWindowsPath(lab, fileURLToPath(new URL("main.js", import.meta.url)));
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-relay-"));
  const cancelFile = join(folder, "cancel");
  const docs = shownDocsFolder();
  // The command then ends itself; a simulated restore starts the services first.
  const cancel = (): void => {
    process.stderr.write("Stopping after the current call …\n");
    writeFileSync(cancelFile, "");
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await runInLab(lab, lab.nodeExe, [main, ...translatePaths(lab, args)], {
      cwd: process.cwd(),
      env: {
        ...env,
        ...(docs === undefined ? {} : { [DOCS_VARIABLE]: docs }),
        FORCE_COLOR: wantsColour() ? "1" : "0",
        [CANCEL_FILE_VARIABLE]: toWindowsPath(lab, cancelFile),
      },
      onStdout: (text) => process.stdout.write(text),
      onStderr: (text) => process.stderr.write(text),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
