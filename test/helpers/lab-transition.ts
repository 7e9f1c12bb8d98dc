/**
 * Runs in the lab's node.exe: registers or unregisters, and breaks off at a change it is told.
 *
 *   node lab-transition.ts register|unregister <manifest> <server.js> <change> kill|fail
 *
 * Every call that changes the registry or the record counts as one change. Prints how many there
 * were; change 0 is never reached.
 */
import type { NativeBinding } from "../../src/native/binding.ts";
import { loadManifest } from "../../src/manifest/load.ts";
import { loadBinding } from "../../src/native/binding.ts";
import { openMachine } from "../../src/registration/machine.ts";
import { planRegistration } from "../../src/registration/plan.ts";
import type { RecordStore } from "../../src/registration/record.ts";
import { applyRegistration, removeRegistration } from "../../src/registration/register.ts";

const [command, manifestFile = "", serverScript = "", position, fault] = process.argv.slice(2);
let changes = 0;

/** Makes the change, then ends this process; or fails in its place. */
function breakOff<T>(change: () => T): T {
  changes += 1;
  const isNow = changes === Number(position);
  if (isNow && fault === "fail") {
    throw Object.assign(new Error("Access is denied."), { hresult: 0x80070005, api: "test" });
  }
  const result = change();
  if (isNow) process.kill(process.pid, "SIGKILL");
  return result;
}

function breakingRegistry(api: NativeBinding): NativeBinding {
  return {
    ...api,
    createRegistryKey: (path) => breakOff(() => api.createRegistryKey(path)),
    writeRegistryValue: (path, name, type, data) =>
      breakOff(() => api.writeRegistryValue(path, name, type, data)),
    deleteRegistryValue: (path, name) => breakOff(() => api.deleteRegistryValue(path, name)),
    deleteRegistryKey: (path) => breakOff(() => api.deleteRegistryKey(path)),
  };
}

function breakingRecords(records: RecordStore): RecordStore {
  return {
    read: (writerId) => records.read(writerId),
    write: (writerId, record) => breakOff(() => records.write(writerId, record)),
    remove: (writerId) => breakOff(() => records.remove(writerId)),
  };
}

const opened = openMachine(breakingRegistry(loadBinding()));
const machine = { api: opened.api, records: breakingRecords(opened.records) };
const manifest = loadManifest(manifestFile);
const plan = planRegistration(manifest, { nodeExe: process.execPath, serverScript });
try {
  if (command === "register") await applyRegistration(machine, manifest.writerId, plan);
  else removeRegistration(machine, manifest.writerId);
} catch {
  process.exitCode = 1;
}
console.log(changes);
