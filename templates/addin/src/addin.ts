import { defineAddin } from "wsb-addin";
import { checkConsistency } from "./handlers/check-consistency.ts";
import { isRollForwardSupported } from "./handlers/is-roll-forward-supported.ts";
import { orderComponents } from "./handlers/order-components.ts";
import { postRestore } from "./handlers/post-restore.ts";
import { preRestore } from "./handlers/pre-restore.ts";

// Every handler is optional: remove the line of one the application does not need.
export default defineAddin({
  preRestore,
  postRestore,
  orderComponents,
  isRollForwardSupported,
  checkConsistency,
});
