import { lateInspector } from "../../base/late-modules.ts";
import { COM_ARGUMENT } from "./modes.ts";

/** The part of Node.js' inspector that listens for a debugger. */
export interface Inspector {
  /** The address that is listened on; `undefined` for none. */
  url(): string | undefined;
  close(): void;
}

/**
 * Closes the port of a debugger in a server that COM has started, whatever its command line or
 * environment says: by such a port, every process of the machine could make LocalSystem run its code.
 * A developer starts the server without COM.
 *
 * @param argv The command line, with Node.js and the script.
 * @returns Whether a port was open.
 */
export function refuseDebugger(
  argv: readonly string[],
  inspector: Inspector = lateInspector(),
): boolean {
  const isByCom = argv[2]?.toUpperCase() === COM_ARGUMENT.toUpperCase();
  return isByCom && closeDebugger(inspector);
}

/**
 * Closes the port of a debugger.
 *
 * @returns Whether one was open.
 */
export function closeDebugger(inspector: Inspector = lateInspector()): boolean {
  if (inspector.url() === undefined) return false;
  inspector.close();
  return true;
}
