import { WsbError } from "../../base/errors.ts";
import type { NativeBinding, ServiceDescription } from "../native/binding.ts";
import { foldName } from "../../base/service-name.ts";

type Describe = (name: string) => Promise<ServiceDescription | null>;

/** Returns `describeService` that asks Windows once for each service. */
function describeOnce(api: Pick<NativeBinding, "describeService">): Describe {
  const known = new Map<string, Promise<ServiceDescription | null>>();
  return (name) => {
    const key = foldName(name);
    const description = known.get(key) ?? api.describeService(name);
    known.set(key, description);
    return description;
  };
}

/** Returns all that a service needs, directly or not. */
async function neededBy(
  service: ServiceDescription,
  describe: Describe,
): Promise<readonly string[]> {
  const needed = new Map<string, string>();
  const open = [...service.dependsOn];
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (needed.has(foldName(name))) continue;
    needed.set(foldName(name), name);
    open.push(...((await describe(name))?.dependsOn ?? []));
  }
  return [...needed.values()];
}

/** Returns what keeps a service itself from starting. */
function ownReasons({ startType, programExists, program, mayStart }: ServiceDescription): string[] {
  return [
    ...(startType === "disabled" ? ["it is disabled"] : []),
    ...(programExists ? [] : [`it has no program at ${program}`]),
    ...(mayStart ? [] : ["this account may not start it"]),
  ];
}

async function reasonsAgainst(
  name: string,
  isStopping: (name: string) => boolean,
  describe: Describe,
): Promise<readonly string[]> {
  const service = await describe(name);
  // One that was deleted meanwhile is not started again.
  if (service === null) return [];
  const reasons = ownReasons(service);
  for (const other of await neededBy(service, describe)) {
    const needed = await describe(other);
    if (needed === null) reasons.push(`it needs ${other}, which does not exist`);
    // What runs and keeps running needs no start.
    else if (needed.startType === "disabled" && (needed.state === "STOPPED" || isStopping(other))) {
      reasons.push(`it needs ${other}, which is disabled`);
    }
  }
  return reasons;
}

/**
 * Refuses to stop services that could not be started again.
 *
 * @param names The services that will be stopped.
 * @throws {@link WsbError} `ERR_WSB_SERVICE` that names every such service with every reason.
 */
export async function refuseUnstartable(
  names: readonly string[],
  api: Pick<NativeBinding, "describeService">,
): Promise<void> {
  const describe = describeOnce(api);
  const stopping = new Set(names.map(foldName));
  const isStopping = (name: string): boolean => stopping.has(foldName(name));
  const refused: string[] = [];
  for (const name of names) {
    const reasons = await reasonsAgainst(name, isStopping, describe);
    if (reasons.length > 0) refused.push(`${name} (${reasons.join("; ")})`);
  }
  if (refused.length === 0) return;
  throw new WsbError(
    "ERR_WSB_SERVICE",
    `These services run but could not be started again after the restore: ${refused.join(", ")}; nothing was stopped. Allow them to start, or stop them first.`,
  );
}
