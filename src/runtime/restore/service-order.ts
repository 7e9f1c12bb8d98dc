import { foldName } from "../../base/service-name.ts";

/** A service and the services it depends on. */
export interface ServiceDependencies {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Returns `names` with every service that depends on them, in the order to stop them: whoever
 * depends on a service comes before it. Starting goes the other way round.
 *
 * A name the machine does not know stays in its place; stopping it will say so.
 */
export function stopOrder(
  names: readonly string[],
  services: readonly ServiceDependencies[],
): readonly string[] {
  const dependents = new Map<string, string[]>();
  for (const { name, dependsOn } of services) {
    for (const other of dependsOn) {
      dependents.set(foldName(other), [...(dependents.get(foldName(other)) ?? []), name]);
    }
  }
  const order: string[] = [];
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(foldName(name))) return;
    visited.add(foldName(name));
    for (const dependent of dependents.get(foldName(name)) ?? []) visit(dependent);
    order.push(name);
  };
  for (const name of names) visit(name);
  return order;
}
