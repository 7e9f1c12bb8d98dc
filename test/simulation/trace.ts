import { run } from "./run.ts";
import type { Schedule } from "./schedule.ts";
import type { Switch } from "./switches.ts";

function one(what: string, value: object): string {
  return `  ${what} ${JSON.stringify(value)}`;
}

function showSchedule({ services, addins, clients, deeds, faults }: Schedule): readonly string[] {
  return [
    ...services.map((service) => one("service", service)),
    ...addins.map((addin) => one("add-in", addin)),
    ...clients.map(({ steps, ...client }) => {
      const calls = steps.map(
        ({ call, component, handler, pauseMs }) =>
          `${pauseMs} ms, ${call} ${component}${handler === "works" ? "" : ` (${handler})`}`,
      );
      return `${one("client", client)}: ${calls.join("; ")}`;
    }),
    ...deeds.map((deed) => one("deed", deed)),
    ...faults.map((fault) => one("fault", fault)),
  ];
}

/** Returns a schedule and what happens in it, as numbered lines. */
export async function traceOf(schedule: Schedule, fault: Switch): Promise<string> {
  const lines: string[] = [];
  const { violation } = await run(schedule, { fault, note: (line) => lines.push(line) });
  const numbered = lines.map((line, index) => `${String(index + 1).padStart(5)}  ${line}`);
  const end = violation === undefined ? "nothing is wrong" : violation.text;
  return [`seed ${schedule.seed}: ${end}`, ...showSchedule(schedule), ...numbered].join("\n");
}
