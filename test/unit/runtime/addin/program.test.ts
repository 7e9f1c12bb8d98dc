import { expect, it } from "vitest";

import {
  createProgramRunner,
  type ExitCodes,
  type RunProgram,
} from "../../../../src/runtime/addin/program.ts";
import { FakeProcesses } from "../../../helpers/fakes/fake-processes.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const FILE = "C:\\Ledger\\tool.exe";

function runner(processes: FakeProcesses): RunProgram {
  const { signal } = new AbortController();
  const { startProcess } = processes;
  return createProgramRunner({ startProcess, signal, log: { info: () => {} } });
}

function runTo(exitCode: number, exitCodes?: ExitCodes) {
  const processes = new FakeProcesses();
  const running = runner(processes)({ file: FILE, ...(exitCodes && { exitCodes }) });
  processes.last.end(exitCode, "done\n");
  return running;
}

it.each<readonly [number, ExitCodes | undefined]>([
  [0, undefined],
  [0, {}],
  [3010, { success: [0, 3010] }],
  [0xffffffff, { success: [-1] }],
  [0xc0000005, { success: [0xc0000005] }],
])("resolves at exit code %i with %j", async (exitCode, exitCodes) => {
  expect(await runTo(exitCode, exitCodes)).toEqual({ exitCode, output: "done\n" });
});

it.each<readonly [number, ExitCodes | undefined, string]>([
  [1, undefined, "failed: exit code 1"],
  [0, { success: [1] }, "failed: exit code 0"],
  [0xc0000005, undefined, "crashed: exit code 0xC0000005"],
])("rejects at exit code %i with %j", async (exitCode, exitCodes, text) => {
  const running = runTo(exitCode, exitCodes);
  await expect(running).rejects.toMatchObject({ code: "ERR_WSB_PROGRAM" });
  await expect(running).rejects.toThrow(text);
  await expect(running).rejects.toThrow('("done")');
});

it("rejects when Windows does not start the program", async () => {
  const run = createProgramRunner({
    startProcess: () => {
      throw new NativeError(0x80070002, "CreateProcessW");
    },
    signal: new AbortController().signal,
    log: { info: () => {} },
  });
  await expect(run({ file: FILE })).rejects.toMatchObject({
    code: "ERR_WSB_PROGRAM",
    hresult: 0x80070002,
    api: "CreateProcessW",
  });
});
