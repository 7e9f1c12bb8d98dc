import { dirname, join } from "node:path";

import { kitFolder } from "../../../src/base/program-data.ts";
import { encodeRegistrationRecord } from "../../../src/tools/registration/registration-record.ts";
import { missingKeys } from "../../../src/tools/registration/registry-api.ts";
import { WRITER_ID } from "../../helpers/manifest.ts";
import { variants } from "./variants.ts";
import type { RegistrationWorld } from "./world.ts";

/** Registers the first variant as release 0.1.0 did, with its record in one JSON text. */
export function registerAs010({
  processes,
  registry,
  folders,
  disk,
  tasks,
}: RegistrationWorld): void {
  const [{ plan, task } = { plan: [], task: undefined }] = variants;
  const observer = processes.start("administrator", -1);
  observer.isObserver = true;
  const keys = plan.map(({ key }) => key);
  const createdKeys = missingKeys(registry.of(observer), keys);
  for (const { key, name, value } of plan) {
    registry.createKey(key);
    registry.write(key, name, value);
  }
  if (task !== undefined) tasks.xml.set(task.clsid, task.xml);
  const values = plan.map(({ key, name, value }) => ({ key, name, value, replaced: null }));
  const record = encodeRegistrationRecord({ state: "registered", owned: { values, createdKeys } });
  const file = join(kitFolder(), "registrations", `${WRITER_ID}.json`);
  folders.make([kitFolder(), dirname(file)]);
  disk.setBytes(file, Buffer.from(JSON.stringify({ ...record, version: 1 })));
  observer.state = "dead";
}
