import { expect } from "vitest";

import { runInLab } from "../../../src/tools/lab/run.ts";
import type { ServiceState } from "../../../src/runtime/native/binding.ts";
import type { Agent } from "./agent.ts";
import type { TestLab } from "./test-lab.ts";
import { until } from "../until.ts";

/** A real service in the lab's service manager. */
export interface TestService {
  readonly name: string;
  state(): Promise<ServiceState | undefined>;
  untilState(wanted: ServiceState): Promise<void>;
  start(): Promise<void>;
  uninstall(): Promise<void>;
}

async function run({ lab }: TestLab, args: readonly string[]): Promise<void> {
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const code = await runInLab(lab, lab.service, args, { onStdout: keep, onStderr: keep });
  expect(code, output).toBe(0);
}

/** Installs the lab's service program under `name`; `args` are its options. */
export async function installService(
  testLab: TestLab,
  agent: Agent,
  name: string,
  args: readonly string[] = [],
): Promise<TestService> {
  await run(testLab, ["install", name, "--display", `Test service ${name}`, ...args]);
  const state = async (): Promise<ServiceState | undefined> =>
    (await agent.binding.queryService(name))?.state;
  const untilState = async (wanted: ServiceState): Promise<void> => {
    await until(`${name} ${wanted}`, async () => ((await state()) === wanted ? wanted : undefined));
  };
  return {
    name,
    state,
    untilState,
    async start() {
      const end = await agent.changeService(name, { wanted: "RUNNING" });
      expect(end).toMatchObject({ outcome: "reached" });
    },
    uninstall: () => run(testLab, ["uninstall", name]),
  };
}
