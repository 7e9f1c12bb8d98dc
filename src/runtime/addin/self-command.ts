import { existsSync } from "node:fs";
import { isSea } from "node:sea";

/** A program and its arguments for `spawn`. */
export interface SelfCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** The command line of this process. */
export interface OwnProcess {
  readonly execPath: string;
  /** `process.argv`: the program, its script and its arguments. */
  readonly argv: readonly string[];
  /** `true` for an exe that `wsb-addin pack` made. */
  readonly isExe: boolean;
}

function ownProcess(): OwnProcess {
  return { execPath: process.execPath, argv: process.argv, isExe: isSea() };
}

/**
 * Returns the command that starts this program again with other arguments: node.exe with the same
 * script, or only the packed exe, which contains its script.
 */
export function selfCommand(args: readonly string[], own: OwnProcess = ownProcess()): SelfCommand {
  const script = own.argv[1];
  if (own.isExe || script === undefined) return { program: own.execPath, args };
  return { program: own.execPath, args: [script, ...args] };
}

/** Tells whether the files of this program are still there: a build may just replace them. */
export function isSelfThere(own: OwnProcess = ownProcess()): boolean {
  const script = own.argv[1];
  return existsSync(own.execPath) && (own.isExe || script === undefined || existsSync(script));
}
