import { beforeEach, describe, expect, it } from "vitest";

import {
  deregisterCloudProvider,
  loadCloudApi,
  registerCloudProvider,
  updateCloudStatus,
  verifyCloudProvider,
  type CloudApi,
  type CloudProvider,
  type CloudRegistration,
  type RegisterCloudOptions,
} from "../../../../src/tools/cloud/index.ts";
import { createFakeBinding } from "../../../helpers/fakes/fake-binding.ts";
import {
  EXTENSIONS_KEY,
  FakeCloud,
  installProvider,
  installServerBackup,
} from "../../../helpers/fakes/fake-cloud.ts";
import { FakeRegistry } from "../../../helpers/fakes/fake-registry.ts";
import { CLSID } from "../../../helpers/manifest.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const MMC = "SOFTWARE\\Microsoft\\MMC";
const OTHER = "{00000000-0000-0000-0000-0000000000F1}";
const provider = {
  snapinId: CLSID,
  resourceDll: "C:\\Program Files\\Contoso\\resources.dll",
  nameId: 101,
  iconId: 102,
};
const status = {
  snapinId: CLSID,
  entries: [{ nameId: 1, valueId: 2, values: [{ type: "number", value: 3 }] }],
} as const;

const noDll = new NativeError(0x8007007e, "LoadLibraryExW");
const noFunction = new NativeError(0x8007007f, "GetProcAddress");
const denied = new NativeError(0x80070005, "RegisterOnlineBackupWithWindowsServerBackup");
const refused = new NativeError(0x80070490, "DeregisterOnlineBackupFromWindowsServerBackup");
// A DLL that the function could not load is not WsbOnline.dll.
const innerNoDll = new NativeError(0x8007007e, "UpdateOBStatusInWindowsServerBackup");

let registry: FakeRegistry;
let cloud: FakeCloud;
let api: CloudApi;

beforeEach(() => {
  registry = new FakeRegistry();
  cloud = new FakeCloud(registry);
  api = createFakeBinding({ registry, cloud });
  installServerBackup(registry);
});

/** Registers a provider on a machine that has its DLL. */
function register(
  given: CloudProvider,
  options: RegisterCloudOptions = {},
): Promise<CloudRegistration> {
  return registerCloudProvider(api, given, { ...options, isFile: () => true });
}

/** Tells which of the provider's three keys exist. */
function present(): readonly boolean[] {
  return verifyCloudProvider(api, CLSID).keys.map((key) => key.present);
}

describe("registering", () => {
  it("passes the provider and returns the registry's state", async () => {
    const { renewed, verification } = await register(provider);
    expect(cloud.calls).toEqual([["register", { ...provider, supportsRemoting: false }]]);
    expect(renewed).toBe(false);
    expect(verification.state).toBe("registered");
  });

  it.each([
    [0x80850001, "ERR_WSB_INVALID_ARGUMENT"],
    [0x80850002, "ERR_WSB_CONFLICT"],
    [0x80850003, "ERR_WSB_CONFLICT"],
  ])("I: tells what Windows Server Backup answers with %i", async (hresult, code) => {
    cloud.failure = new NativeError(hresult, "RegisterOnlineBackupWithWindowsServerBackup");
    await expect(register(provider)).rejects.toMatchObject({
      code,
      hresult,
      message: expect.stringContaining("WSB_ONLINE_"),
    });
  });

  it("renews a registered provider, and reports it", async () => {
    await register(provider);
    const again = register({ ...provider, snapinId: CLSID.toLowerCase() });
    expect((await again).renewed).toBe(true);
    expect(cloud.calls).toHaveLength(2);
  });

  it("refuses a second provider before the call and names the first", async () => {
    installProvider(registry, OTHER, "Fabrikam Vault");
    await expect(register(provider)).rejects.toMatchObject({
      code: "ERR_WSB_CONFLICT",
      message: expect.stringMatching(/Fabrikam Vault.*\{0{8}-.*F1\}/u),
    });
    expect(cloud.calls).toEqual([]);
  });

  it("names the first by its id when it has no name", async () => {
    registry.createRegistryKey(`${EXTENSIONS_KEY}\\FX:${OTHER.toLowerCase()}`);
    await expect(register(provider)).rejects.toMatchObject({
      code: "ERR_WSB_CONFLICT",
      message: expect.stringContaining(OTHER),
    });
  });

  it("treats an extension of Windows Server Backup's <ParentNodeType> as a provider", async () => {
    const key = `${MMC}\\WsbNode\\{00000000-0000-0000-0000-0000000000C1}\\Extensions\\Namespace`;
    registry.createRegistryKey(`${key}\\${OTHER}`);
    await expect(register(provider)).rejects.toMatchObject({
      code: "ERR_WSB_CONFLICT",
    });
  });

  it("lets Windows decide about a second provider on demand", async () => {
    installProvider(registry, OTHER, "Fabrikam Vault");
    await register(provider, { otherProvider: "leave-to-windows" });
    expect(cloud.calls).toHaveLength(1);
  });

  it("does not treat an extension of another snap-in as a provider", async () => {
    const computerManagement = "{476E6446-AAFF-11D0-B944-00C04FD8D5B0}";
    const extensions = `${MMC}\\NodeTypes\\${computerManagement}\\Extensions\\NameSpace`;
    registry.createRegistryKey(`${extensions}\\${OTHER}`);
    await register(provider);
    expect(cloud.calls).toHaveLength(1);
  });

  it("makes no call for an invalid provider", async () => {
    await expect(register({ ...provider, nameId: 0 })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(cloud.calls).toEqual([]);
  });

  it("reports missing keys although Windows reported success", async () => {
    api = createFakeBinding({ registry, cloud: new FakeCloud() });
    const { verification } = await register(provider);
    expect(verification.state).toBe("absent");
  });

  it("needs administrator rights", async () => {
    cloud.failure = denied;
    await expect(register(provider)).rejects.toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
    });
  });

  it("names a key that it is not allowed to read", async () => {
    registry.fault = ({ path }) => (path === `${MMC}\\NodeTypes` ? 0x80070005 : undefined);
    await expect(register(provider)).rejects.toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
      message: expect.stringContaining(`HKLM\\${MMC}\\NodeTypes`),
    });
    expect(cloud.calls).toEqual([]);
  });
});

describe("deregistering", () => {
  it("restores the registry", async () => {
    const before = registry.snapshot();
    await register(provider);
    expect(await deregisterCloudProvider(api, CLSID.toLowerCase())).toEqual({ changed: true });
    expect(registry.snapshot()).toEqual(before);
    expect(cloud.calls.at(-1)).toEqual(["deregister", CLSID]);
  });

  it("changes nothing when the registered provider is another one", async () => {
    cloud.failure = new NativeError(0x80850003, "DeregisterOnlineBackupFromWindowsServerBackup");
    await expect(deregisterCloudProvider(api, CLSID)).resolves.toEqual({ changed: false });
  });

  it("changes nothing when Windows refuses an unknown provider", async () => {
    cloud.failure = refused;
    expect(await deregisterCloudProvider(api, CLSID)).toEqual({ changed: false });
  });

  it("fails when Windows refuses an existing provider", async () => {
    installProvider(registry, CLSID, "Contoso Cloud");
    cloud.failure = refused;
    await expect(deregisterCloudProvider(api, CLSID)).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      hresult: 0x80070490,
    });
  });

  it.each([noDll, noFunction, denied])(
    "does not treat %o as an unknown provider",
    async (failure) => {
      cloud.failure = failure;
      await expect(deregisterCloudProvider(api, CLSID)).rejects.toMatchObject({
        hresult: failure.hresult,
      });
    },
  );
});

describe("updating the status", () => {
  it("passes every entry", async () => {
    await updateCloudStatus(api, status);
    const entry = { iconId: 0, nameId: 1, valueId: 2, values: [{ type: 2, text: "3" }] };
    expect(cloud.calls).toEqual([["update", CLSID, [entry]]]);
  });

  it("makes no call for an invalid status", async () => {
    await expect(updateCloudStatus(api, { ...status, entries: [] })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
    });
    expect(cloud.calls).toEqual([]);
  });
});

describe("without Windows Server Backup", () => {
  it.each([noDll, noFunction])("names the missing feature: %o", async (failure) => {
    cloud.failure = failure;
    for (const attempt of [
      register(provider),
      deregisterCloudProvider(api, CLSID),
      updateCloudStatus(api, status),
    ]) {
      await expect(attempt).rejects.toMatchObject({
        code: "ERR_WSB_WINDOWS_API",
        hresult: failure.hresult,
        api: failure.api,
        message: expect.stringContaining("Windows Server Backup of Windows Server 2012 or later"),
      });
    }
  });

  it("does not blame the feature for a DLL that the function could not load", async () => {
    cloud.failure = innerNoDll;
    await expect(updateCloudStatus(api, status)).rejects.toMatchObject({
      message: expect.not.stringContaining("Install the feature"),
    });
  });

  it.runIf(process.platform !== "win32")("cannot be loaded off Windows", () => {
    expect(loadCloudApi).toThrow(expect.objectContaining({ code: "ERR_WSB_UNSUPPORTED_PLATFORM" }));
  });
});

describe("verifying", () => {
  it("finds nothing for an unregistered provider, and writes nothing", () => {
    registry.writes.length = 0;
    const { state, keys, parent } = verifyCloudProvider(api, CLSID);
    expect({ state, parent }).toEqual({ state: "absent", parent: undefined });
    expect(keys.map(({ key }) => key)).toEqual([
      `HKLM\\${MMC}\\SnapIns\\${CLSID}`,
      `HKLM\\${MMC}\\<ParentNodeType>\\{ParentNodeTypeGUID}\\Extensions\\NameSpace, ${CLSID}`,
      `HKLM\\${MMC}\\SnapIns\\{parentSnapinCLSID}\\NodeTypes, {ParentNodeTypeGUID}`,
    ]);
    expect(registry.writes).toEqual([]);
  });

  it("finds nothing when the console has no keys", () => {
    registry = new FakeRegistry();
    api = createFakeBinding({ registry });
    expect(verifyCloudProvider(api, CLSID).state).toBe("absent");
  });

  it("finds the three keys of a provider, and its parent", () => {
    installProvider(registry, CLSID, "Contoso Cloud");
    const { state, keys, parent } = verifyCloudProvider(api, CLSID.toLowerCase());
    expect(state).toBe("registered");
    expect(keys.map(({ key }) => key)).toContain(`HKLM\\${EXTENSIONS_KEY}, ${CLSID}`);
    expect(parent?.name).toBe("Windows Server Backup");
  });

  it("finds them also below a snap-in with a translated name", () => {
    registry = new FakeRegistry();
    installServerBackup(registry, "Windows Server-Sicherung");
    installProvider(registry, CLSID, "Contoso Cloud");
    api = createFakeBinding({ registry });
    expect(verifyCloudProvider(api, CLSID)).toMatchObject({
      state: "registered",
      parent: { name: "Windows Server-Sicherung" },
    });
  });

  it("names the missing key", () => {
    installProvider(registry, CLSID, "Contoso Cloud");
    registry.deleteRegistryKey(`${MMC}\\SnapIns\\${CLSID}`);
    expect(present()).toEqual([false, true, true]);
    expect(verifyCloudProvider(api, CLSID).state).toBe("incomplete");

    installProvider(registry, CLSID, "Contoso Cloud");
    registry.deleteRegistryValue(EXTENSIONS_KEY, CLSID);
    expect(present()).toEqual([true, false, false]);
  });

  it("reports an extension as incomplete when its parent does not list the node", () => {
    const key = `${MMC}\\NodeTypes\\{00000000-0000-0000-0000-0000000000C1}\\Extensions\\NameSpace`;
    registry.createRegistryKey(`${MMC}\\SnapIns\\${CLSID}`);
    registry.createRegistryKey(`${key}\\${CLSID}`);
    expect(present()).toEqual([true, true, false]);
  });

  it("accepts the id of a snap-in written in .NET", () => {
    installProvider(registry, `FX:${CLSID.toLowerCase()}`, "Contoso Cloud");
    expect(verifyCloudProvider(api, CLSID).state).toBe("registered");
  });
});
