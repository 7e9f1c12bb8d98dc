import { compare } from "../result.ts";
import type { Measure } from "./measure.ts";

const NAME = "WsbAddinBench";
const TO_MS = 1e-3;

/** Compares a restore that stops and starts a service with stopping and starting it directly. */
export const services: Measure = {
  name: "services",
  peer: "the same stop and start without a restore",
  async run({ bed, isQuick }) {
    const { lab } = bed;
    await bed.run(lab.service, ["install", NAME, "--display", "Bench service"]);
    await bed.run("net.exe", ["start", NAME]);
    const addin = await bed.buildAddin("services", { services: [NAME] });
    await bed.command(addin, ["register", "--allow-writable-folder", "--no-boot-recovery"]);
    const pair = await bed.measure("service", {
      rounds: isQuick ? 3 : 50,
      size: 1,
      texts: [NAME],
      ours: addin.clsid,
    });
    return [
      compare(
        { name: "Service stopped and started around a restore", unit: "ms", factor: TO_MS },
        pair,
      ),
    ];
  },
};
