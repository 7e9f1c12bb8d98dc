/**
 * `logicalPath\componentName`, as VSS tools write it.
 *
 * @returns `""` where both names are missing.
 */
export function showComponent(component: {
  readonly componentName: string | null;
  readonly logicalPath: string | null;
}): string {
  const { componentName, logicalPath } = component;
  return logicalPath === null || logicalPath === ""
    ? (componentName ?? "")
    : `${logicalPath}\\${componentName ?? ""}`;
}
