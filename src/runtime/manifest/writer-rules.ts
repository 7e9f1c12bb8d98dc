import { showComponent } from "../../base/component.ts";
import type { DeclaredComponent, ServiceComponent } from "./writer.ts";

/** VSS's rules for what a writer reports, and the kit's own where VSS would accept a mistake. */

// Windows' longest path.
const MAX_PATH = 32_767;
const MAX_NAME = 256;

// Variables that differ between the account that backs up and the application's account.
const personal = /%(?:APPDATA|HOMEDRIVE|HOMEPATH|LOCALAPPDATA|TEMP|TMP|USERNAME|USERPROFILE)%/iu;

/** Returns the rule that a text breaks because a metadata document could not contain it. */
export function xmlTextRule(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- it searches for control characters
  if (/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/u.test(text)) {
    return "must not contain control characters";
  }
  return /\p{Surrogate}/u.test(text) ? "must not contain half of a surrogate pair" : undefined;
}

/** Returns the rule that a component's name breaks. */
export function componentNameRule(text: string): string | undefined {
  if (text === "") return "must not be empty";
  if (text.length > MAX_NAME) return `must be at most ${MAX_NAME} UTF-16 characters`;
  if (text.includes("\\")) return "must not contain \\; put what precedes it into logicalPath";
  return xmlTextRule(text);
}

/** Returns the rule that a logical path breaks. */
export function logicalPathRule(text: string): string | undefined {
  if (text.split("\\").includes("")) return "must be names with one \\ between them";
  if (text.length > MAX_PATH) return `must be at most ${MAX_PATH} UTF-16 characters`;
  return xmlTextRule(text);
}

/** Returns the rule that a folder breaks. */
export function folderRule(text: string): string | undefined {
  if (/^[\\/]{2}/u.test(text)) {
    return "must not be a network path: files on another server are not in the shadow copy";
  }
  if (/[*?]/u.test(text)) return "must not contain a wildcard; put it into filespec";
  if (!/^(?:[a-z]:\\|%[^%]+%)/iu.test(text)) {
    return "must begin with a drive letter, a colon and \\, or with an environment variable";
  }
  if (text.length > MAX_PATH) return `must be at most ${MAX_PATH} UTF-16 characters`;
  if (/[/<>|"]/u.test(text) || text.indexOf(":", 2) !== -1) {
    return 'must not contain / < > | " or a second colon';
  }
  if (text.split("\\").some((name) => name === "." || name === "..")) {
    return "must not contain . or .. as a folder";
  }
  if (personal.test(text)) {
    return "must not use a variable of a user: it means another folder to the backup program";
  }
  return xmlTextRule(text);
}

/** Returns the rule that a file name or a pattern breaks. */
export function filespecRule(text: string): string | undefined {
  if (text === "") return "must not be empty";
  if (text.length > MAX_NAME) return `must be at most ${MAX_NAME} UTF-16 characters`;
  if (/[\\/:<>|"]/u.test(text)) return 'must not contain \\ / : < > | or "';
  return xmlTextRule(text);
}

/** The key by which file sets differ: Windows ignores the case of names and a last `\`. */
export function fileSetKey(set: { readonly path: string; readonly filespec: string }): string {
  return `${set.path.replace(/\\$/u, "")}\\${set.filespec}`.toUpperCase();
}

/** The key by which components differ. */
export function componentKey(one: Pick<DeclaredComponent, "name" | "logicalPath">): string {
  const names = { componentName: one.name, logicalPath: one.logicalPath ?? null };
  return showComponent(names).toUpperCase();
}

/** A problem of a component: its path below the list of components, and the rule. */
export interface ComponentProblem {
  readonly path: readonly (string | number)[];
  readonly rule: string;
}

function filesRule(
  component: DeclaredComponent | ServiceComponent,
  keys: readonly string[],
): string | undefined {
  const isDatabase =
    "databaseFiles" in component && component.databaseFiles.length + component.logFiles.length > 0;
  if (component.files.length > 0) {
    return isDatabase
      ? "must be empty beside databaseFiles or logFiles: a component is files or a database"
      : undefined;
  }
  const below = `${componentKey(component)}\\`;
  if (isDatabase || keys.some((key) => key.startsWith(below))) return undefined;
  return "must not be empty, because no component is below this one";
}

function dependencyRule(
  own: string,
  dependency: string,
  keys: readonly string[],
): string | undefined {
  if (dependency === own) return "must not be the component itself";
  if (keys.includes(dependency)) return undefined;
  return "must be a component of this manifest, because it names this writer";
}

/**
 * Returns what is wrong between components: files of a component, dependencies on each other.
 *
 * @param writerId The writer that has the components.
 */
export function componentProblems(
  components: readonly (DeclaredComponent | ServiceComponent)[],
  writerId: string,
): readonly ComponentProblem[] {
  const keys = components.map(componentKey);
  return components.flatMap((component, index) => {
    const problems: ComponentProblem[] = [];
    const note = (path: readonly (string | number)[], rule: string | undefined): void => {
      if (rule !== undefined) problems.push({ path: [index, ...path], rule });
    };
    note(["files"], filesRule(component, keys));
    for (const [place, one] of component.dependencies.entries()) {
      if (one.writerId !== writerId) continue;
      note(
        ["dependencies", place],
        dependencyRule(componentKey(component), componentKey(one), keys),
      );
    }
    return problems;
  });
}
