import type { CheckConsistencyHandler } from "wsb-addin";

/**
 * Called during a backup, once the shadow copies exist.
 *
 * `null`, returned at once and not from an `async` function, says that no check is needed. A real
 * check returns a promise and reads the component's files on the snapshot volume, never on the live
 * one:
 *
 *     export const checkConsistency: CheckConsistencyHandler = ({ volumes }, { signal }) =>
 *       checkFiles(volumes, signal);
 *
 * where `checkFiles` is an async function that
 * - reads the component's files below `volumes[].snapshot`, the shadow copy of `volumes[].source`;
 *   both have the form `\\?\Volume{GUID}\`;
 * - stops soon after `signal` is aborted, for instance by handing it to `fs.promises.readFile`;
 * - throws when the files are damaged.
 *
 * `context.runChecker` runs a program that does all of it, such as a database's own.
 *
 * A check that throws does not fail the backup, but the component cannot be recovered from it.
 */
export const checkConsistency: CheckConsistencyHandler = () => null;
