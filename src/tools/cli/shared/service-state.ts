import type { Definition } from "../../../base/document/definition.ts";
import { choice } from "../../../base/document/kinds.ts";
import { shared } from "../../../base/document/schema.ts";
import type { ServiceState } from "../../../runtime/native/binding.ts";

/** The state of a service in a document. */
export const serviceState: Definition<ServiceState | "missing"> = shared(
  "serviceState",
  choice([
    "STOPPED",
    "START_PENDING",
    "STOP_PENDING",
    "RUNNING",
    "CONTINUE_PENDING",
    "PAUSE_PENDING",
    "PAUSED",
    "missing",
  ]),
);
