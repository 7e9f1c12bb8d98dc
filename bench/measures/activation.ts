import { createGuid } from "../../src/base/guid.ts";
import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { compare, type Result } from "../result.ts";
import type { Context, Measure } from "./measure.ts";

const TO_MS = 1e-3;

async function measureStarts({ bed, isQuick }: Context): Promise<readonly Result[]> {
  const cold = await bed.measure("cold", { rounds: isQuick ? 3 : 12, size: 1 });
  const rounds = isQuick ? 3 : 30;
  const addin = await bed.buildAddin("serving");
  const peer = createGuid();
  const script = toWindowsPath(bed.lab, addin.serverScript);
  const command = `"${bed.lab.nodeExe}" "${script}"`;
  const classes = { ours: addin.clsid, peer };
  const serving = await bed.measure("serving", {
    rounds,
    size: 1,
    ...classes,
    texts: [command, bed.peerCommand(peer)],
  });
  const start = await bed.measure("start", {
    rounds,
    size: 1,
    ...classes,
    texts: [command, `"${bed.lab.nodeExe}" -e 0`],
  });
  const warm = await bed.measure("warm", { rounds: isQuick ? 10 : 30, size: 10 });
  return [
    compare(
      { name: "Cold activation and first answer", unit: "ms", factor: TO_MS, goal: 1.2 },
      cold,
    ),
    compare({ name: "Process start to class served", unit: "ms", factor: TO_MS }, serving),
    compare(
      { name: "Process start to class served, compared with node -e 0", unit: "ms", factor: TO_MS },
      start,
    ),
    compare({ name: "Warm activation", unit: "µs" }, warm),
  ];
}

/** Measures the time until a client has its first answer. */
export const activation: Measure = {
  name: "activation",
  peer: "a C++ server",
  isOnOneCore: true,
  run: measureStarts,
};
