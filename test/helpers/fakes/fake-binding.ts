import type { NativeBinding } from "../../../src/runtime/native/binding.ts";
import type { ProtectionApi } from "../../../src/runtime/native/protected-folder.ts";
import { fakeProtection } from "./fake-protection.ts";
import { FakeCloud } from "./fake-cloud.ts";
import { FakeProcesses } from "./fake-processes.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { FakeServer } from "./fake-server.ts";
import { FakeServices } from "./fake-services.ts";
import { NativeError } from "./native-error.ts";

export interface FakeMachine {
  readonly registry?: FakeRegistry;
  readonly services?: FakeServices;
  readonly cloud?: FakeCloud;
  readonly elevated?: boolean;
  readonly activate?: NativeBinding["activate"];
  readonly protection?: ProtectionApi;
  readonly createProtectedFolder?: NativeBinding["createProtectedFolder"];
  /** Without these two, only this process runs. */
  readonly processInfo?: NativeBinding["processInfo"];
  readonly waitForProcessExit?: NativeBinding["waitForProcessExit"];
  readonly processes?: FakeProcesses;
  readonly reportEvent?: NativeBinding["reportEvent"];
  /** The functions of vssapi.dll; without them, there is no such DLL. */
  readonly vss?: Pick<
    NativeBinding,
    "registerExpressWriter" | "registerExpressDocument" | "unregisterExpressWriter"
  >;
  /** Called with the server that `startServer` has made. */
  readonly onServer?: (server: FakeServer) => void;
}

const ERROR_MOD_NOT_FOUND = 0x8007007e;

async function withoutVss(): Promise<void> {
  throw new NativeError(ERROR_MOD_NOT_FOUND, "LoadLibraryExW");
}

function unsupported(name: string): never {
  throw new Error(`This fake has no ${name}.`);
}

/**
 * A shim without Windows. Its type makes the compiler compare its keys with `NativeBinding`'s.
 */
export function createFakeBinding(machine: FakeMachine = {}): NativeBinding {
  const { registry = new FakeRegistry(), services = new FakeServices() } = machine;
  const own = { pid: process.pid, startedAt: "1", image: process.execPath };
  const { cloud = new FakeCloud(), processes = new FakeProcesses() } = machine;
  const protection = machine.protection ?? fakeProtection();
  const binding: NativeBinding = {
    startServer: (options) => {
      const server = new FakeServer(options);
      machine.onServer?.(server);
      return server;
    },
    activate:
      machine.activate ??
      (async () => ({ hresult: 0x80040154, description: null, value: undefined })),
    hasRegistryKey: (path) => registry.hasRegistryKey(path),
    readRegistryKey: (path) => registry.readRegistryKey(path),
    readRegistryValue: (path, name) => registry.readRegistryValue(path, name),
    createRegistryKey: (path) => registry.createRegistryKey(path),
    flushRegistryKey: (path) => registry.flushRegistryKey(path),
    writeRegistryValue: (path, name, type, data) =>
      registry.writeRegistryValue(path, name, type, data),
    deleteRegistryValue: (path, name) => registry.deleteRegistryValue(path, name),
    deleteRegistryKey: (path) => registry.deleteRegistryKey(path),
    queryService: (name) => services.queryService(name),
    describeService: (name) => services.describeService(name),
    setServiceStartType: (name, startType, delayedStart) =>
      services.setServiceStartType(name, startType, delayedStart),
    listServiceDependencies: () => services.listServiceDependencies(),
    changeService: (name, wanted, timeoutMs) => services.changeService(name, wanted, timeoutMs),
    watchServices: (names, onStart) => services.watchServices(names, onStart),
    runService: async () => unsupported("runService"),
    installService: async () => unsupported("installService"),
    deleteService: async () => unsupported("deleteService"),
    createWriter: async () => unsupported("createWriter"),
    lockFile: async () => ({ write: () => {}, release: () => {} }),
    isElevated: () => machine.elevated ?? true,
    createProtectedFolder:
      machine.createProtectedFolder ?? machine.protection?.createProtectedFolder ?? (() => {}),
    describeSecurity: () => null,
    accountName: protection.accountName,
    isWine: () => false,
    readFileSecurity: () => null,
    inspectProtected: protection.inspectProtected,
    readProtectedFile: protection.readProtectedFile,
    moveAside: protection.moveAside,
    knownFolders: () => ({ programData: "C:\\ProgramData", windows: "C:\\Windows" }),
    driveType: () => "fixed",
    codePages: () => ({ console: 0, oem: 850 }),
    decodeText: (_, bytes) => Buffer.from(bytes).toString("utf8"),
    processInfo: machine.processInfo ?? ((pid) => (pid === process.pid ? own : null)),
    waitForProcessExit:
      machine.waitForProcessExit ?? (() => ({ exited: Promise.resolve(), close: () => {} })),
    endProcess: async () => false,
    startProcess: processes.startProcess,
    reportEvent: machine.reportEvent ?? (() => {}),
    registerCloudProvider: (provider) => cloud.registerCloudProvider(provider),
    deregisterCloudProvider: (snapinId) => cloud.deregisterCloudProvider(snapinId),
    updateCloudStatus: (snapinId, entries) => cloud.updateCloudStatus(snapinId, entries),
    registerExpressWriter: withoutVss,
    registerExpressDocument: withoutVss,
    unregisterExpressWriter: withoutVss,
    ...machine.vss,
  };
  return binding;
}
