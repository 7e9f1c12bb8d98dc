/**
 * Runs in the lab's node.exe: calls every function of the shim with one wrong argument at a time,
 * and prints the calls that did not throw a TypeError.
 */
import { inspect } from "node:util";

import {
  loadBinding,
  type NativeBinding,
  type NativeReply,
  type NativeServerOptions,
} from "../../../src/runtime/native/binding.ts";
import { accessDescriptor } from "./raw-server.ts";

/** The required shape of an argument; a list contains the shape of its elements. */
type Shape =
  | "string"
  | "optionalString"
  | "guid"
  | "eventType"
  | "startType"
  | "wantedState"
  | "uint32"
  | "boolean"
  | "nullable"
  | "ticks"
  | "bytes"
  | "function"
  | readonly [Shape]
  | { readonly [field: string]: Shape };

/** The output of the probe. */
export interface ProbeResult {
  readonly functions: readonly string[];
  readonly probed: readonly string[];
  readonly tried: number;
  /** The calls that were not refused with a TypeError, with their results. */
  readonly accepted: readonly string[];
}

const GUID = "{5D9C9C6A-9D7E-4F6F-9C39-6C1E0B3A7A11}";
const string: Shape = "string";

const limitsMs: Shape = {
  preRestore: "uint32",
  postRestore: "uint32",
  orderComponents: "uint32",
  isRollForwardSupported: "uint32",
  checkConsistency: "uint32",
};

const cloudStatusEntry: Shape = {
  iconId: "uint32",
  nameId: "uint32",
  valueId: "uint32",
  values: [{ text: "string", type: "uint32" }],
};

const files: Shape = [{ path: "string", filespec: "string", recursive: "boolean" }];

const fileGroup: Shape = {
  logicalPath: "nullable",
  name: "string",
  caption: "nullable",
  selectable: "boolean",
  selectableForRestore: "boolean",
  files,
  dependencies: [{ writerId: "guid", logicalPath: "nullable", name: "string" }],
};

const fileSet: Shape = {
  path: "string",
  filespec: "string",
  recursive: "boolean",
  alternatePath: "optionalString",
};

const writerComponent: Shape = {
  name: "string",
  logicalPath: "optionalString",
  caption: "optionalString",
  selectable: "boolean",
  selectableForRestore: "boolean",
  files: [fileSet],
  databaseFiles: [fileSet],
  logFiles: [fileSet],
  dependencies: [{ writerId: "guid", logicalPath: "optionalString", name: "string" }],
};

const shapes: Readonly<Record<keyof NativeBinding, readonly Shape[]>> = {
  startServer: [
    {
      clsid: "guid",
      interfaces: { restore: "boolean", backup: "boolean" },
      script: "string",
      lingerMs: "uint32",
      accessDescriptor: "bytes",
      limitsMs,
      onEvent: "function",
    },
  ],
  activate: ["guid"],
  hasRegistryKey: [string],
  readRegistryKey: [string],
  readRegistryValue: [string, string],
  createRegistryKey: [string],
  flushRegistryKey: [string],
  writeRegistryValue: [string, string, "uint32", "bytes"],
  deleteRegistryValue: [string, string],
  deleteRegistryKey: [string],
  queryService: [string],
  describeService: [string],
  setServiceStartType: [string, "startType", "boolean"],
  listServiceDependencies: [],
  changeService: [string, "wantedState", "uint32"],
  watchServices: [[string], "function"],
  runService: [
    { name: "string", startLimitMs: "uint32", stopLimitMs: "uint32", onStop: "function" },
  ],
  installService: [
    {
      name: "string",
      displayName: "string",
      description: "string",
      commandLine: "string",
      account: "string",
      dependsOn: ["string"],
      preshutdownMs: "uint32",
      recovery: { restartDelaysMs: ["uint32"], resetAfterSeconds: "uint32" },
    },
  ],
  deleteService: [string],
  createWriter: [
    {
      id: "guid",
      name: "string",
      plan: {
        components: [writerComponent],
        exclude: [fileSet],
        restoreMethod: "uint32",
        restoreService: "optionalString",
        backupSchema: "uint32",
      },
      accessDescriptor: "bytes",
      limitsMs: {
        prepareBackup: "uint32",
        prepareSnapshot: "uint32",
        freeze: "uint32",
        thaw: "uint32",
        postSnapshot: "uint32",
        abort: "uint32",
        backupComplete: "uint32",
        backupShutdown: "uint32",
      },
      freezeTimeoutMs: "uint32",
      onEvent: "function",
    },
  ],
  lockFile: [string, "bytes", "uint32"],
  isElevated: [],
  createProtectedFolder: [string],
  describeSecurity: ["bytes"],
  accountName: [string],
  isWine: [],
  readFileSecurity: [string],
  inspectProtected: [string],
  readProtectedFile: [[string], string, "uint32"],
  moveAside: [string, string],
  knownFolders: [],
  driveType: [string],
  codePages: [],
  decodeText: ["uint32", "bytes"],
  processInfo: ["uint32"],
  waitForProcessExit: ["uint32", "ticks"],
  endProcess: ["uint32", "ticks"],
  startProcess: [
    {
      file: "string",
      commandLine: "string",
      folder: "string",
      environment: ["string"],
      input: "bytes",
      outputBytes: "uint32",
    },
  ],
  reportEvent: [string, "eventType", "uint32", [string]],
  registerCloudProvider: [
    {
      resourceDll: "string",
      snapinId: "guid",
      nameId: "uint32",
      iconId: "uint32",
      supportsRemoting: "boolean",
    },
  ],
  deregisterCloudProvider: ["guid"],
  updateCloudStatus: ["guid", [cloudStatusEntry]],
  registerExpressWriter: [
    {
      writerId: "guid",
      name: "string",
      restoreMethod: "uint32",
      restoreService: "nullable",
      rebootRequired: "boolean",
      backupSchema: "uint32",
      components: [fileGroup],
      exclude: files,
    },
  ],
  registerExpressDocument: [string],
  unregisterExpressWriter: ["guid"],
};

const serverShapes: Readonly<Record<string, readonly Shape[]>> = {
  answer: ["uint32", { hresult: "uint32" }],
  finishOperation: ["uint32", "uint32"],
};

const candidates: readonly unknown[] = [
  undefined,
  null,
  true,
  1,
  -1,
  0.5,
  Number.NaN,
  2 ** 32,
  1n,
  "text",
  "a\0b",
  Symbol("symbol"),
  {},
  [],
  () => {},
  new Uint8Array(1),
  new Uint16Array(1),
  new DataView(new ArrayBuffer(1)),
  Object("text"),
];

function fits(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case "string":
      return value === "text";
    case "optionalString":
      return value === "text" || value === null;
    case "guid":
    case "ticks":
    case "eventType":
    case "startType":
    case "wantedState":
      return false;
    case "nullable":
      return value === "text" || value === null;
    case "uint32":
      return value === 1;
    case "boolean":
      return value === true;
    case "bytes":
      return value instanceof Uint8Array;
    case "function":
      return typeof value === "function";
    default:
      return Array.isArray(shape) && Array.isArray(value);
  }
}

function good(shape: Shape): unknown {
  if (shape === "guid") return GUID;
  if (shape === "ticks") return "1";
  if (shape === "eventType") return "information";
  if (shape === "startType") return "manual";
  if (shape === "wantedState") return "STOPPED";
  if (Array.isArray(shape)) return shape.map(good);
  if (typeof shape === "object") {
    return Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, good(one)]));
  }
  return candidates.find((value) => fits(shape, value));
}

/** Returns values for `shape`, each wrong in one place, with a description. */
function wrong(shape: Shape): readonly (readonly [what: string, value: unknown])[] {
  const whole = candidates
    .filter((value) => !fits(shape, value))
    .map((value) => [inspect(value), value] as const);
  if (typeof shape !== "object") return whole;
  const parts = Array.isArray(shape)
    ? wrong(shape[0]).map(([what, value]) => [`[${what}]`, [value]] as const)
    : Object.entries(shape).flatMap(([name, one]) =>
        wrong(one).map(
          ([what, value]) =>
            [`{${name}: ${what}}`, { ...(good(shape) as object), [name]: value }] as const,
        ),
      );
  return [...whole, ...parts];
}

async function outcomeOf(call: () => unknown): Promise<string | undefined> {
  try {
    const result: unknown = await call();
    return `returned ${inspect(result)}`;
  } catch (error) {
    return error instanceof TypeError ? undefined : `threw ${String(error)}`;
  }
}

let tried = 0;
const accepted: string[] = [];

async function probe(owner: object, name: string, parameters: readonly Shape[]): Promise<void> {
  const called = (owner as Record<string, unknown>)[name];
  if (typeof called !== "function") throw new Error(`there is no ${name}`);
  for (const [index, parameter] of parameters.entries()) {
    for (const [what, value] of wrong(parameter)) {
      const args = parameters.map((one, place) => (place === index ? value : good(one)));
      tried += 1;
      const outcome = await outcomeOf(() => Reflect.apply(called, owner, args));
      if (outcome !== undefined) accepted.push(`${name}, argument ${index} ${what}: ${outcome}`);
    }
  }
}

const binding = loadBinding();
for (const [name, parameters] of Object.entries(shapes)) await probe(binding, name, parameters);

const options = good(shapes.startServer[0] ?? {}) as NativeServerOptions;
const server = binding.startServer(Object.assign(options, { accessDescriptor }));
for (const [name, parameters] of Object.entries(serverShapes)) {
  await probe(server, name, parameters);
}
// Unknown ids and extra releases change nothing.
const reply: NativeReply = { hresult: 0, startsOperation: true };
if (server.answer(4_294_967_295, reply)) accepted.push("answer of an unknown id");
if (server.finishOperation(0, 0)) accepted.push("finishOperation of an unknown id");
server.release();
server.hold();
server.stop();
server.stop();
server.release();
if ((await outcomeOf(() => server.hold()))?.startsWith("threw") !== true) {
  accepted.push("hold after stop");
}
if (server.answer(1, reply)) accepted.push("answer after stop");

const result: ProbeResult = {
  functions: Object.keys(binding),
  probed: Object.keys(shapes),
  tried,
  accepted,
};
console.log(JSON.stringify(result));
