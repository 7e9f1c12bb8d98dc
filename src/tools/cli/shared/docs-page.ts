import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

import type { WsbErrorCode } from "../../../base/errors.ts";
import { packageFile } from "../../../base/package-root.ts";

/** A page of the package's documents with a heading's anchor: `errors.md#err_wsb_file`. */
export type DocsPage = `${string}.md#${string}`;

/** The page about what to do after a restore that nobody finished. */
export const BROKEN_OFF_PAGE: DocsPage = "restore.md#after-a-restore-that-broke-off";

/** Returns the page about an error code. */
export function errorPage(code: WsbErrorCode): DocsPage {
  return `errors.md#${code.toLowerCase()}`;
}

/** Environment variable with the folder of the documents as the machine around the lab sees it. */
export const DOCS_VARIABLE = "WSB_ADDIN_DOCS";

/**
 * Returns the folder of the documents as a person types it here.
 *
 * @returns `undefined` in a packed add-in, which has no documents.
 */
export function shownDocsFolder(currentFolder: string = process.cwd()): string | undefined {
  const outside = process.env[DOCS_VARIABLE];
  if (outside !== undefined) return outside;
  const folder = packageFile("docs");
  if (!existsSync(folder)) return undefined;
  const near = relative(currentFolder, folder);
  const isBelow = near !== "" && !isAbsolute(near) && !near.startsWith("..");
  return isBelow ? near.replaceAll("\\", "/") : folder;
}

/** Says where a page is: `See node_modules/wsb-addin/docs/errors.md#err_wsb_file`. */
export function seePage(page: DocsPage): string {
  const folder = shownDocsFolder();
  return folder === undefined
    ? `See docs/${page} in the npm package wsb-addin.`
    : `See ${folder}/${page}`;
}
