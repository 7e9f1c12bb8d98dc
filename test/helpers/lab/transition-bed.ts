import { expect } from "vitest";

import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import { APPLICATION_SUPPORT } from "../../../src/tools/registration/keys.ts";
import { encodeString } from "../../../src/tools/registration/registry-value.ts";
import { startAgent, type Agent } from "./agent.ts";
import { labProgram } from "./lab-programs.ts";
import { exportRegistry, nameState } from "./registry-export.ts";
import { buildAddin, type TestAddin, type TestLab } from "./test-lab.ts";
import type { Transition } from "./transition.ts";

export type Command = Transition["command"];

/** The way to interrupt a command: its process is killed after a change, or a change fails. */
export type Fault = "kill" | "fail";

/** The states of the registry without and with the add-in. */
interface CleanStates extends Readonly<Record<string, string>> {
  readonly absent: string;
  readonly registered: string;
}

// Other registrations must stay unchanged too.
const HYPER_V = `${APPLICATION_SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`;

/** A lab in which registrations and removals are interrupted. */
export class TransitionBed {
  readonly testLab: TestLab;
  readonly agent: Agent;

  private constructor(testLab: TestLab, agent: Agent) {
    this.testLab = testLab;
    this.agent = agent;
  }

  static async make(testLab: TestLab): Promise<TransitionBed> {
    const agent = await startAgent(testLab.lab);
    const { type, data } = encodeString("Hyper-V");
    await agent.binding.createRegistryKey(HYPER_V);
    await agent.binding.writeRegistryValue(HYPER_V, "Application Identifier", type, data);
    return new TransitionBed(testLab, agent);
  }

  async remove(): Promise<void> {
    await this.agent.binding.deleteRegistryKey(HYPER_V);
    await this.agent.end();
  }

  buildAddin(settings: Readonly<Record<string, unknown>> = {}): Promise<TestAddin> {
    return buildAddin(this.testLab, "post-restore-only.ts", settings);
  }

  readRegistry(): Promise<string> {
    return exportRegistry(this.testLab);
  }

  /** Exports the two clean states of an add-in; it is not registered afterwards. */
  async cleanStates(addin: TestAddin): Promise<CleanStates> {
    const { agent } = this;
    const absent = await this.readRegistry();
    await agent.register(addin.manifestFile, addin.serverScript);
    const registered = await this.readRegistry();
    await agent.unregister(addin.writerId);
    expect(registered).not.toBe(absent);
    return { absent, registered };
  }

  /** Runs a command in its own process, which is killed right after a change. */
  async killAt(command: Command, addin: TestAddin, position: number): Promise<void> {
    const { lab } = this.testLab;
    const script = toWindowsPath(lab, labProgram("lab-killed-transition"));
    const args = [script, command, addin.manifestFile, addin.serverScript, String(position)];
    let output = "";
    const keep = (text: string): void => {
      output += text;
    };
    await runInLab(lab, lab.nodeExe, args, { onStdout: keep, onStderr: keep });
    // The exit code is not checked, because Wine may return 0 for a killed process.
    expect(output.trim()).toBe(`killed after change ${position}`);
  }

  /** Counts the changes of an uninterrupted command. */
  async countChanges(command: Command): Promise<number> {
    const { manifestFile, serverScript, writerId } = await this.buildAddin();
    if (command === "unregister") await this.agent.register(manifestFile, serverScript);
    const { failed, changes } = await this.agent.failAt(command, manifestFile, serverScript, 0);
    expect(failed).toBe(false);
    await this.agent.unregister(writerId);
    return changes;
  }

  /**
   * Interrupts a command at each remaining element of `positions`, and checks that the registry
   * ends in one of the two clean states.
   */
  async expectCleanEnds(fault: Fault, command: Command, positions: number[]): Promise<void> {
    const { agent } = this;
    const addin = await this.buildAddin();
    const { manifestFile, serverScript, writerId } = addin;
    const states = await this.cleanStates(addin);
    const readState = async (): Promise<string> => nameState(await this.readRegistry(), states);
    for (let next = positions.shift(); next !== undefined; next = positions.shift()) {
      const change = `change ${next}`;
      if (command === "unregister") await agent.register(manifestFile, serverScript);
      if (fault === "fail") {
        const { failed } = await agent.failAt(command, manifestFile, serverScript, next);
        expect(failed, change).toBe(true);
        expect(["absent", "registered"], change).toContain(await readState());
      } else {
        await this.killAt(command, addin, next);
      }
      await agent.recover(writerId);
      expect(["absent", "registered"], change).toContain(await readState());
      await agent.unregister(writerId);
    }
    expect(await readState()).toBe("absent");
  }
}
