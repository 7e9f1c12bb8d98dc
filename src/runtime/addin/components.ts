/** The encoding of component lists between the shim and JavaScript. */
import type { Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import type { PackedComponents } from "../native/binding.ts";

const END = "\0";

/**
 * Encodes components as the shim does.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a name with a NUL character.
 */
export function packComponents(components: readonly Component[]): PackedComponents {
  const all = components.flatMap(({ componentName, logicalPath }) => [componentName, logicalPath]);
  if (all.some((name) => name?.includes(END))) {
    throw new WsbError("ERR_WSB_INVALID_ARGUMENT", "A component's name must not contain U+0000.");
  }
  return {
    names: all.map((name) => `${name ?? ""}${END}`).join(""),
    nulls: Uint32Array.from(all.flatMap((name, index) => (name === null ? [index] : []))),
  };
}

/** Decodes the components of a call, in the call's order. */
export function unpackComponents({ names, nulls }: PackedComponents): readonly Component[] {
  const all: (string | null)[] = names.split(END);
  // Every name has a terminator, so an empty part follows the last one.
  all.pop();
  for (const index of nulls) all[index] = null;
  return Array.from({ length: all.length / 2 }, (_, index) => ({
    componentName: all[2 * index] ?? null,
    logicalPath: all[2 * index + 1] ?? null,
  }));
}
