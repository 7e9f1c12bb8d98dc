import type { Simulation } from "./simulation.ts";

/** One line of a schedule. */
export function showPart(what: string, value: object): string {
  return `  ${what} ${JSON.stringify(value)}`;
}

/** Returns a schedule and what happens in it, as numbered lines. */
export async function traceOf<Schedule extends { readonly seed: number }, Fault>(
  simulation: Simulation<Schedule, Fault>,
  schedule: Schedule,
  fault?: Fault,
): Promise<string> {
  const lines: string[] = [];
  const { violation } = await simulation.run(schedule, {
    ...(fault === undefined ? {} : { fault }),
    note: (line) => lines.push(line),
  });
  const numbered = lines.map((line, index) => `${String(index + 1).padStart(5)}  ${line}`);
  const end = violation === undefined ? "nothing is wrong" : violation.text;
  return [`seed ${schedule.seed}: ${end}`, ...simulation.show(schedule), ...numbered].join("\n");
}
