import { WsbError } from "../errors.ts";
import type { Component } from "./define-addin.ts";

function keyOf({ logicalPath, componentName }: Component): string {
  return JSON.stringify([logicalPath, componentName]);
}

function isName(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isComponent(value: unknown): value is Component {
  if (typeof value !== "object" || value === null) return false;
  if (!("componentName" in value) || !("logicalPath" in value)) return false;
  return isName(value.componentName) && isName(value.logicalPath);
}

/** Whether these are the very components of the request: most handlers return those. */
function holdsTheSame(components: readonly Component[], order: readonly unknown[]): boolean {
  if (order.length !== components.length) return false;
  const left = new Set<unknown>(components);
  return (
    left.size === components.length &&
    order.every((one) => left.delete(one) && isComponent(one)) &&
    left.size === 0
  );
}

/**
 * Checks that `order` holds exactly the components that were asked about, each as often.
 *
 * @throws {@link WsbError} `ERR_WSB_HANDLER` that names a component too many or missing.
 */
export function assertPermutation(components: readonly Component[], order: unknown): void {
  if (!Array.isArray(order)) {
    throw new WsbError(
      "ERR_WSB_HANDLER",
      "orderComponents must return an array of components or null.",
    );
  }
  if (holdsTheSame(components, order)) return;
  const left = new Map<string, number>();
  for (const component of components) {
    const key = keyOf(component);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  for (const component of order) {
    if (!isComponent(component)) {
      throw new WsbError(
        "ERR_WSB_HANDLER",
        "orderComponents returned something that is not a component. Return those of the request.",
      );
    }
    const key = keyOf(component);
    const count = left.get(key) ?? 0;
    if (count === 0) {
      throw new WsbError(
        "ERR_WSB_HANDLER",
        `orderComponents returned ${key}, which it was not asked about or has returned before.`,
      );
    }
    if (count === 1) left.delete(key);
    else left.set(key, count - 1);
  }
  const missing = left.keys().next();
  if (missing.done !== true) {
    throw new WsbError("ERR_WSB_HANDLER", `orderComponents left out ${missing.value}.`);
  }
}
