/** What a registration uses, as a script for the simulated machine and for Windows. */
import type { NativeBinding } from "../../../src/runtime/native/binding.ts";
import type { ProtectionApi } from "../../../src/runtime/native/protected-folder.ts";
import type { BootTasks } from "../../../src/tools/registration/boot-task.ts";
import type { RegistryApi } from "../../../src/tools/registration/registry-api.ts";
import type { Later, Step } from "../run-script.ts";

/** What the script needs of a machine. */
export interface RegistrationScriptMachine {
  readonly registry: Later<RegistryApi>;
  readonly files: Later<Omit<ProtectionApi, "accountName">>;
  readonly tasks: Later<BootTasks>;
  readonly lockFile: (
    ...args: Parameters<NativeBinding["lockFile"]>
  ) => Promise<{ release(): void | Promise<void> } | null>;
  /** Returns a path below an existing folder, in the machine's notation. */
  readonly pathOf: (...names: readonly string[]) => string;
}

type OwnStep = Step<RegistrationScriptMachine>;

const KEY = "SOFTWARE\\wsb-addin-Model";
const CHILD = `${KEY}\\Child`;
const REG_SZ = 1;
const REG_BINARY = 3;
const text = Buffer.from("ledger\0", "utf16le");

const shown = (value: Awaited<ReturnType<Later<RegistryApi>["readRegistryValue"]>>): unknown =>
  value && [value.type, Buffer.from(value.data).toString("hex")];

const registrySteps: readonly OwnStep[] = [
  ["look for a missing key", ({ registry }) => registry.hasRegistryKey(CHILD)],
  ["delete a value of a missing key", ({ registry }) => registry.deleteRegistryValue(CHILD, "v")],
  ["create a key and its parent", ({ registry }) => registry.createRegistryKey(CHILD)],
  ["look for it", ({ registry }) => registry.hasRegistryKey(CHILD)],
  ["look for it in another case", ({ registry }) => registry.hasRegistryKey(CHILD.toLowerCase())],
  ["write its default value", ({ registry }) => registry.writeRegistryValue(CHILD, "", 1, text)],
  ["write a value", ({ registry }) => registry.writeRegistryValue(CHILD, "Name", REG_SZ, text)],
  [
    "read it in another case",
    async ({ registry }) => shown(await registry.readRegistryValue(CHILD.toUpperCase(), "NAME")),
  ],
  [
    "write bytes over it in another case",
    ({ registry }) => registry.writeRegistryValue(CHILD, "NAME", REG_BINARY, Buffer.from([1, 2])),
  ],
  ["read it", async ({ registry }) => shown(await registry.readRegistryValue(CHILD, "Name"))],
  ["list the parent", ({ registry }) => registry.readRegistryKey(KEY)],
  ["flush all", ({ registry }) => registry.flushRegistryKey("SOFTWARE")],
  ["delete a missing value", ({ registry }) => registry.deleteRegistryValue(CHILD, "Other")],
  ["delete a value", ({ registry }) => registry.deleteRegistryValue(CHILD, "name")],
  ["delete it again", ({ registry }) => registry.deleteRegistryValue(CHILD, "name")],
  ["delete a key with a value", ({ registry }) => registry.deleteRegistryKey(CHILD)],
  ["delete the parent", ({ registry }) => registry.deleteRegistryKey(KEY)],
  ["look for the parent", ({ registry }) => registry.hasRegistryKey(KEY)],
];

const FILE_BYTES = 1000;

/** What is at a path; its owner depends on the machine. */
const look =
  (...names: readonly string[]): OwnStep[1] =>
  async ({ files, pathOf }) => {
    const found = await files.inspectProtected(pathOf(...names));
    return found && [found.isFolder, found.isReparsePoint, found.distrust];
  };

const make =
  (...names: readonly string[]): OwnStep[1] =>
  ({ files, pathOf }) =>
    files.createProtectedFolder(pathOf(...names));

const move =
  (from: string, to: string): OwnStep[1] =>
  ({ files, pathOf }) =>
    files.moveAside(pathOf(from), pathOf(to));

const read: OwnStep[1] = async ({ files, pathOf }) => {
  const [top, file] = [pathOf("kit"), pathOf("kit", "lock")];
  const bytes = await files.readProtectedFile([top], file, FILE_BYTES);
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : bytes;
};

const fileSteps: readonly OwnStep[] = [
  ["look at a missing folder", look("kit")],
  ["make a folder below a missing one", make("kit", "below")],
  [
    "lock a file in a missing folder",
    ({ lockFile, pathOf }) => lockFile(pathOf("kit", "lock"), text, 0),
  ],
  ["make a folder", make("kit")],
  ["make it again", make("kit")],
  ["look at it", look("kit")],
  ["make a folder below", make("kit", "below")],
  ["read a missing file", read],
  [
    "lock a file, read it, and make a folder in its place",
    async (machine) => {
      const file = machine.pathOf("kit", "lock");
      const held = await machine.lockFile(file, Buffer.from("a record"), 0);
      const seen = [await look("kit", "lock")(machine), await read(machine)];
      const isTaken = (await machine.lockFile(file, text, 0)) === null;
      const error = await make("kit", "lock")(machine).catch(({ hresult }) => hresult);
      await held?.release();
      return [seen, isTaken, error];
    },
  ],
  ["look at the file that was locked", look("kit", "lock")],
  ["move the folder aside", move("kit", "kit.aside")],
  ["look at where it was", look("kit")],
  ["look at where it is", look("kit.aside")],
  ["look at what is below", look("kit.aside", "below")],
  ["move a missing folder", move("kit", "other")],
  ["make it anew", make("kit")],
  ["move it to a name that is taken", move("kit", "kit.aside")],
  ["look at what is below the new one", look("kit", "below")],
];

const CLSID = "{7B1C6E0A-52D7-4C55-9C39-0E9A3C1C6F09}";

const hasTask: OwnStep[1] = async ({ tasks }) => (await tasks.read(CLSID)) !== null;

const createTask =
  (xml: string): OwnStep[1] =>
  ({ tasks }) =>
    tasks.create(CLSID, xml);

/** @param xml The definition of a task that the task scheduler accepts. */
function taskSteps(xml: string): readonly OwnStep[] {
  return [
    ["look for a missing task", hasTask],
    ["remove a missing task", ({ tasks }) => tasks.remove(CLSID)],
    ["create a task", createTask(xml)],
    ["look for it", hasTask],
    ["create it again", createTask(xml)],
    ["remove it", ({ tasks }) => tasks.remove(CLSID)],
    ["look for it again", hasTask],
  ];
}

export function registrationScript(xml: string): readonly OwnStep[] {
  return [...registrySteps, ...fileSteps, ...taskSteps(xml)];
}
