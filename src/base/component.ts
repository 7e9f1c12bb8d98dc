/** The two names that identify a VSS component; `null` where the caller passed NULL. */
export interface Component {
  readonly componentName: string | null;
  readonly logicalPath: string | null;
}

/** Tells whether both names are equal, character by character. */
export function isSameComponent(one: Component, other: Component): boolean {
  return one.componentName === other.componentName && one.logicalPath === other.logicalPath;
}

/** Returns the two names alone, without what else an object has. */
export function namesOf({ componentName, logicalPath }: Component): Component {
  return { componentName, logicalPath };
}

/**
 * Formats a component as VSS tools do: `logicalPath\componentName`.
 *
 * @returns `""` when both names are missing.
 */
export function showComponent({ componentName, logicalPath }: Component): string {
  return logicalPath === null || logicalPath === ""
    ? (componentName ?? "")
    : `${logicalPath}\\${componentName ?? ""}`;
}
