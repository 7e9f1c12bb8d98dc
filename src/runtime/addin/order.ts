import type { Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";

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

/**
 * Returns the positions of components that are the request's own objects, as most handlers return.
 */
function positionsOfTheSame(
  components: readonly Component[],
  order: readonly unknown[],
): Uint32Array | undefined {
  if (order.length !== components.length) return undefined;
  const remaining = new Map<unknown, number>();
  for (const [position, component] of components.entries()) remaining.set(component, position);
  const positions = new Uint32Array(components.length);
  for (const [index, one] of order.entries()) {
    const position = remaining.get(one);
    if (position === undefined) return undefined;
    remaining.delete(one);
    positions[index] = position;
  }
  return positions;
}

function positionsOfEqual(
  components: readonly Component[],
  order: readonly unknown[],
): Uint32Array {
  const remaining = new Map<string, number[]>();
  for (const [position, component] of [...components.entries()].toReversed()) {
    const key = keyOf(component);
    const positions = remaining.get(key);
    if (positions === undefined) remaining.set(key, [position]);
    else positions.push(position);
  }
  const found: number[] = [];
  for (const component of order) {
    if (!isComponent(component)) {
      throw new WsbError(
        "ERR_WSB_HANDLER",
        "orderComponents returned a value that is not a component. Return the components of the request.",
      );
    }
    const key = keyOf(component);
    const position = remaining.get(key)?.pop();
    if (position === undefined) {
      throw new WsbError(
        "ERR_WSB_HANDLER",
        `orderComponents returned ${key}, which is a duplicate or not in the request. Return each component of the request once.`,
      );
    }
    found.push(position);
  }
  for (const [key, positions] of remaining) {
    if (positions.length === 0) continue;
    throw new WsbError(
      "ERR_WSB_HANDLER",
      `orderComponents did not return ${key}. Return each component of the request once.`,
    );
  }
  return Uint32Array.from(found);
}

/**
 * Finds the position in the request of each component that the handler returned.
 *
 * @returns A permutation of the request's positions.
 * @throws {@link WsbError} `ERR_WSB_HANDLER` that names an extra or missing component.
 */
export function positionsOf(components: readonly Component[], order: unknown): Uint32Array {
  if (!Array.isArray(order)) {
    throw new WsbError(
      "ERR_WSB_HANDLER",
      "orderComponents must return an array of components or null.",
    );
  }
  return positionsOfTheSame(components, order) ?? positionsOfEqual(components, order);
}

/** Returns the components in the order of the positions. */
export function inOrder(
  components: readonly Component[],
  positions: Uint32Array,
): readonly Component[] {
  return Array.from(positions, (position) => {
    const component = components[position];
    if (component === undefined) throw new RangeError(`There is no component ${position}.`);
    return component;
  });
}
