import { HRESULT } from "../../base/hresult.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";

/** The functions of the shim for an activation in the lab. */
export type ActivationApi = Pick<
  NativeBinding,
  "activate" | "isWine" | "queryService" | "processInfo" | "endProcess"
>;

// Wine's rpcss keeps the registrations of all classes. The task scheduler registers its endpoint
// there only at its start.
const HOSTS = ["RpcSs", "Schedule"];

/** Ends the process of a service; Wine starts it again when it is needed. */
async function endHost(api: ActivationApi, service: string): Promise<void> {
  const processId = (await api.queryService(service))?.processId ?? 0;
  const identity = processId === 0 ? null : api.processInfo(processId);
  if (identity !== null) await api.endProcess(processId, identity.startedAt);
}

/**
 * Returns a shim whose `activate` survives a killed server in the lab.
 *
 * Wine keeps the registration of a server that was killed, and every later activation of its class
 * fails. Then Wine's registrations are dropped, and the activation is tried again once.
 */
export function healActivation<Api extends ActivationApi>(api: Api): Api {
  return {
    ...api,
    activate: async (clsid) => {
      const first = await api.activate(clsid);
      if (first.hresult !== HRESULT.RPC_S_SERVER_UNAVAILABLE || !api.isWine()) return first;
      for (const service of HOSTS) await endHost(api, service);
      return api.activate(clsid);
    },
  };
}
