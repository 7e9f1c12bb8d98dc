import type { LabProcess } from "../../../src/tools/lab/processes.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import { until } from "../until.ts";
import type { Agent } from "./agent.ts";
import type { TestLab } from "./test-lab.ts";

/**
 * Starts a service whose process has died, as Windows' recovery does, and waits until it runs. Wine
 * carries out no recovery, and calls the service RUNNING until it is started again.
 *
 * @param processes Returns the living processes of the service.
 */
export async function startDeadService(
  { lab }: TestLab,
  agent: Agent,
  name: string,
  processes: () => readonly LabProcess[],
): Promise<void> {
  await until(`${name} runs again`, async () => {
    const lives = processes().length > 0;
    // Now and then, Wine does nothing when it is asked right after a death.
    if (!lives) await runInLab(lab, "net.exe", ["start", name]);
    const isRunning = (await agent.binding.queryService(name))?.state === "RUNNING";
    return (lives && isRunning) || undefined;
  });
}
