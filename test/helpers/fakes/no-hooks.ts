import type { SessionHooks } from "../../../src/runtime/restore/hooks.ts";

/** The hooks of a session that has no handlers to call. */
export const noHooks: SessionHooks = {
  async beforeServicesStop() {},
  async afterServicesStart() {},
};
