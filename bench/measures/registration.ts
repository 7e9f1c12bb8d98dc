import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { loadManifest } from "../../src/runtime/manifest/load.ts";
import { MANIFEST_FILE } from "../../src/runtime/manifest/manifest.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { quoteArgument } from "../../src/tools/export/bat.ts";
import { showKey } from "../../src/tools/registration/keys.ts";
import { planRegistration } from "../../src/tools/registration/plan.ts";
import type { PlanEntry } from "../../src/tools/registration/plan.ts";
import type { Bed, BenchAddin } from "../bed.ts";
import { compare } from "../result.ts";
import type { Measure } from "./measure.ts";
import { alternate, millisecondsOf } from "./timed.ts";

const typeNames: ReadonlyMap<number, string> = new Map([
  [1, "REG_SZ"],
  [3, "REG_BINARY"],
  [4, "REG_DWORD"],
]);

function dataText({ value: { type, data } }: PlanEntry): string {
  const bytes = Buffer.from(data);
  switch (type) {
    case 1:
      return bytes.toString("utf16le").replace(/\0$/u, "");
    case 4:
      return String(bytes.readUInt32LE());
    default:
      return bytes.toString("hex");
  }
}

/** Returns a line of the batch in the form of Microsoft's reference of application registration. */
function regAdd(entry: PlanEntry): string {
  const name = entry.name === "" ? "/ve" : `/v ${quoteArgument(entry.name)}`;
  const type = typeNames.get(entry.value.type) ?? "REG_NONE";
  return `reg add ${quoteArgument(showKey(entry.key))} ${name} /t ${type} /d ${quoteArgument(dataText(entry))} /f`;
}

/** Writes a batch of `reg add` with the same result as `wsb-addin register`. */
function writeBatch({ lab, folder }: Bed, addin: BenchAddin): string {
  const manifest = loadManifest(join(addin.folder, MANIFEST_FILE));
  const plan = planRegistration(manifest, {
    nodeExe: lab.nodeExe,
    serverScript: toWindowsPath(lab, addin.serverScript),
  });
  const file = join(folder, "register.bat");
  writeFileSync(file, ["@echo off", ...plan.map(regAdd), ""].join("\r\n"));
  return toWindowsPath(lab, file);
}

/** Compares `wsb-addin register` with a batch of `reg add`, each with the start of its program. */
export const registration: Measure = {
  name: "registration",
  peer: "a batch of reg add",
  isOnOneCore: true,
  async run({ bed, isQuick }) {
    const [ours, other] = [await bed.buildAddin("registered"), await bed.buildAddin("written")];
    const batch = writeBatch(bed, other);
    const register = (...options: readonly string[]): Promise<number> =>
      millisecondsOf(() => bed.command(ours, ["register", "--allow-writable-folder", ...options]));
    const afterwards = async (time: number): Promise<number> => {
      await bed.command(ours, ["unregister"]);
      return time;
    };
    const peer = (): Promise<number> => millisecondsOf(() => bed.run("cmd.exe", ["/c", batch]));
    const rounds = isQuick ? 3 : 20;
    await peer();
    const written = await alternate(
      rounds,
      async () => afterwards(await register("--no-activate")),
      peer,
    );
    const proved = await alternate(rounds, async () => afterwards(await register()), peer);
    return [
      compare(
        {
          name: "Registration without activation, like the batch",
          unit: "ms",
          goal: 0.33,
        },
        written,
      ),
      compare({ name: "Registration with one activation as proof", unit: "ms" }, proved),
    ];
  },
};
