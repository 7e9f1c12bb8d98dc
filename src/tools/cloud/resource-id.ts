import type { Definition } from "../../base/document/definition.ts";
import { integer } from "../../base/document/kinds.ts";

// Resources have 16-bit ids (MAKEINTRESOURCE, winuser.h).
const MAX_RESOURCE_ID = 65_535;

/** Id of a resource. */
export const resourceId: Definition<number> = integer({
  least: 1,
  most: MAX_RESOURCE_ID,
  unit: "a resource id",
});

/** Id of a resource, or 0 for none. */
export const resourceIdOrNone: Definition<number> = integer({
  least: 0,
  most: MAX_RESOURCE_ID,
  unit: "a resource id, 0 for none",
});
