import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Returns the folder of the lab: `WSB_ADDIN_LAB`, or `wsb-addin/lab` in the user's cache.
 *
 * @param environment The environment variables.
 */
export function labFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment["WSB_ADDIN_LAB"];
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  const cache = environment["XDG_CACHE_HOME"];
  const home = environment["HOME"] ?? homedir();
  return join(
    cache === undefined || cache === "" ? join(home, ".cache") : cache,
    "wsb-addin",
    "lab",
  );
}
