import { isSea } from "node:sea";

/** A program and its arguments, as `spawn` takes them. */
export interface SelfCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a process knows of how it was started. */
export interface OwnProcess {
  readonly execPath: string;
  /** `process.argv`: the program, what it runs, its arguments. */
  readonly argv: readonly string[];
  /** Whether the program is an exe that `wsb-addin pack` made, with everything in it. */
  readonly isExe: boolean;
}

function ownProcess(): OwnProcess {
  return { execPath: process.execPath, argv: process.argv, isExe: isSea() };
}

/**
 * Says how to start this very program again with other arguments: node.exe with the same script, or
 * the exe alone, which has its script in it.
 */
export function selfCommand(args: readonly string[], own: OwnProcess = ownProcess()): SelfCommand {
  const script = own.argv[1];
  if (own.isExe || script === undefined) return { program: own.execPath, args };
  return { program: own.execPath, args: [script, ...args] };
}
