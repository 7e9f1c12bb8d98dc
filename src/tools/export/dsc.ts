import type { ExportFormat } from "./format.ts";

/** The type name of the resource, the same for all add-ins of a machine. */
const RESOURCE_TYPE = "WsbAddin/Registration";

/** The file by which DSC finds the resource; it must be in a folder of the PATH. */
const RESOURCE_FILE = "wsb-addin.dsc.resource.json";

const RESOURCE_VERSION = "1.0.0";

function method(name: string): object {
  // With its extension, because DSC adds only .exe to a program's name.
  return { executable: "wsb-addin.cmd", args: ["dsc", name], input: "stdin" };
}

/**
 * The manifest of the resource.
 *
 * @see https://learn.microsoft.com/powershell/dsc/reference/schemas/resource/manifest/root
 */
const resourceManifest: Readonly<Record<string, unknown>> = {
  $schema: "https://aka.ms/dsc/schemas/v3/bundled/resource/manifest.json",
  type: RESOURCE_TYPE,
  version: RESOURCE_VERSION,
  description: "Registers an application and its add-in with Windows Server Backup.",
  tags: ["Windows", "Backup"],
  get: method("get"),
  set: { ...method("set"), implementsPretest: true, handlesExist: true, return: "state" },
  test: { ...method("test"), return: "state" },
  export: method("export"),
  schema: { command: { executable: "wsb-addin.cmd", args: ["dsc", "schema"] } },
  exitCodes: {
    "0": "Success",
    "1": "Failed, nothing changed",
    "2": "Invalid input or manifest",
    "3": "Conflict with another registration",
    "5": "Administrator rights required",
    "6": "Failed, some changes could not be undone",
  },
};

function json(document: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`, "utf8");
}

/** The format of a resource for DSC v3 with configuration documents that use it. */
export const dsc: ExportFormat = {
  summary: "resource for Microsoft DSC v3, with configuration documents that use it",
  undoHint: "",
  registersWriter: true,
  write(_, { fileName, folder, installation, manifest }) {
    const configuration = (properties: object): Uint8Array =>
      json({
        $schema: "https://aka.ms/dsc/schemas/v3/bundled/config/document.json",
        resources: [
          {
            name: manifest.name,
            type: RESOURCE_TYPE,
            properties: { writerId: manifest.writerId, ...properties },
          },
        ],
      });
    return [
      { fileName: RESOURCE_FILE, role: "main", content: json(resourceManifest) },
      {
        fileName: `${fileName}.dsc.json`,
        role: "extra",
        content: configuration({
          applicationIdentifier: manifest.applicationIdentifier,
          ...(manifest.addin === undefined ? {} : { clsid: manifest.addin.clsid }),
          manifest: `${folder}\\wsb-addin.json`,
          ...(manifest.addin === undefined ? {} : { node: installation.nodeExe }),
          _exist: true,
        }),
      },
      {
        fileName: `${fileName}-unregister.dsc.json`,
        role: "undo",
        content: configuration({ _exist: false }),
      },
    ];
  },
};
