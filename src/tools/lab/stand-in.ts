import { existsSync } from "node:fs";
import { win32 } from "node:path";

import { runChild } from "../../base/child-process.ts";
import { WsbError } from "../../base/errors.ts";
import type { NativeBinding, ServiceState } from "../../runtime/native/binding.ts";
import { PREBUILT } from "./binaries.ts";
import { SERVICE } from "./lab.ts";

/** The functions of the shim for stand-in services. */
export type StandInApi = Pick<
  NativeBinding,
  "describeService" | "listServiceDependencies" | "changeService"
>;

/** A service of the lab's own that stands in for an application's service. */
export interface StandIn {
  readonly name: string;
  readonly state: ServiceState;
}

/** A stand-in service to install. */
export interface StandInRequest {
  readonly name: string;
  /** Its display name. @defaultValue the name */
  readonly display?: string;
  /** The path of a file that the service holds open, without sharing, while it runs. */
  readonly data?: string;
  /** The names of the services that must run before it. */
  readonly depends: readonly string[];
  readonly signal: AbortSignal;
}

const START_LIMIT_MS = 60_000;

/** The program of the stand-in services: the copy in the lab, else the one in the package. */
function standInProgram(): string {
  return existsSync(SERVICE) ? SERVICE : PREBUILT.service;
}

function isStandIn(program: string): boolean {
  return win32.basename(program).toLowerCase() === win32.basename(SERVICE).toLowerCase();
}

async function findStandIn(api: StandInApi, name: string): Promise<StandIn | undefined> {
  const found = await api.describeService(name);
  if (found === null) return undefined;
  if (isStandIn(found.program)) return { name, state: found.state };
  throw new WsbError(
    "ERR_WSB_CONFLICT",
    `The service ${name} exists, and its program is ${found.program}; nothing was changed. Choose another name.`,
  );
}

async function runStandIn(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { exitCode, output } = await runChild({ program: standInProgram(), args, signal });
  if (exitCode === 0) return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `The lab's service program ended with exit code ${String(exitCode)}: ${output.trim()} Check the options.`,
  );
}

async function start(api: StandInApi, name: string): Promise<void> {
  const { outcome, exitCode } = await api.changeService(name, "RUNNING", START_LIMIT_MS).ended;
  if (outcome === "reached") return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `The service ${name} was installed but does not start (its code is ${String(exitCode)}). Check that no program has its file open, then run: net start ${name}`,
  );
}

/**
 * Installs a stand-in service and starts it.
 *
 * @returns `false` when it was there and ran.
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when another program has a service of this name.
 */
export async function addStandIn(api: StandInApi, request: StandInRequest): Promise<boolean> {
  const { name, display, data, depends, signal } = request;
  const found = await findStandIn(api, name);
  if (found?.state === "RUNNING") return false;
  if (found === undefined) {
    const options = [
      ...(display === undefined ? [] : ["--display", display]),
      ...(data === undefined ? [] : ["--data", data]),
      ...depends.flatMap((service) => ["--depends", service]),
    ];
    await runStandIn(["install", name, ...options], signal);
  }
  await start(api, name);
  return true;
}

/**
 * Stops a stand-in service and removes it.
 *
 * @returns `false` when there was none.
 * @throws {@link WsbError} `ERR_WSB_CONFLICT` when the service is another program's.
 */
export async function removeStandIn(
  api: StandInApi,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await findStandIn(api, name)) === undefined) return false;
  await runStandIn(["uninstall", name], signal);
  return true;
}

/** Lists the stand-in services by name. */
export async function listStandIns(api: StandInApi): Promise<readonly StandIn[]> {
  const found: StandIn[] = [];
  // One after the other: Wine's service manager mixes up the handles of simultaneous questions.
  for (const { name } of await api.listServiceDependencies()) {
    const service = await api.describeService(name);
    if (service !== null && isStandIn(service.program)) found.push({ name, state: service.state });
  }
  return found.toSorted((one, other) => one.name.localeCompare(other.name));
}
