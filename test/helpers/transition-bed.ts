import { expect } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import { APPLICATION_SUPPORT } from "../../src/tools/registration/keys.ts";
import { encodeString } from "../../src/tools/registration/registry-value.ts";
import { startAgent, type Agent } from "./agent.ts";
import { labProgram } from "./lab-programs.ts";
import { exportRegistry, nameState } from "./registry-export.ts";
import { buildAddin, type TestAddin, type TestLab } from "./test-lab.ts";
import type { Transition } from "./transition.ts";

export type Command = Transition["command"];

/** How a command is broken off: its process is killed after a change, or a change fails. */
export type Fault = "kill" | "fail";

/** What the registry is without an add-in, and with it. */
interface CleanStates extends Readonly<Record<string, string>> {
  readonly absent: string;
  readonly registered: string;
}

// Others' registrations must stay as they are, too.
const HYPER_V = `${APPLICATION_SUPPORT}\\{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}`;

/** A lab in which registrations and removals break off. */
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

  buildAddin(): Promise<TestAddin> {
    return buildAddin(this.testLab, "post-restore-only.ts");
  }

  readRegistry(): Promise<string> {
    return exportRegistry(this.testLab);
  }

  /** The two clean states of an add-in, as whole exports; it is not registered afterwards. */
  async cleanStates(addin: TestAddin): Promise<CleanStates> {
    const { agent } = this;
    const absent = await this.readRegistry();
    await agent.register(addin.manifestFile, addin.serverScript);
    const registered = await this.readRegistry();
    await agent.unregister(addin.writerId);
    expect(registered).not.toBe(absent);
    return { absent, registered };
  }

  /** Runs a command in a process of its own that is killed right after a change. */
  async killAt(command: Command, addin: TestAddin, position: number): Promise<void> {
    const { lab } = this.testLab;
    const script = toWindowsPath(lab, labProgram("lab-killed-transition"));
    const args = [script, command, addin.manifestFile, addin.serverScript, String(position)];
    let output = "";
    const keep = (text: string): void => {
      output += text;
    };
    await runInLab(lab, lab.nodeExe, args, { onStdout: keep, onStderr: keep });
    // Not its exit code: Wine may say 0 of a process that was killed.
    expect(output.trim()).toBe(`killed after change ${position}`);
  }

  /** Counts the changes of a command that nothing breaks off. */
  async countChanges(command: Command): Promise<number> {
    const { manifestFile, serverScript, writerId } = await this.buildAddin();
    if (command === "unregister") await this.agent.register(manifestFile, serverScript);
    const { failed, changes } = await this.agent.failAt(command, manifestFile, serverScript, 0);
    expect(failed).toBe(false);
    await this.agent.unregister(writerId);
    return changes;
  }

  /**
   * Breaks a command off at each of `positions` that is left, and checks that the registry ends in
   * one of the two clean states.
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
