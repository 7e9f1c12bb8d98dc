import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startAgent, type Agent } from "../helpers/lab/agent.ts";
import { startHolder, startRequester } from "../helpers/lab/requester.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";
import { WriterBed, writerSettings } from "../helpers/lab/writer-process.ts";

// Long enough for a process that runs to answer: 10,000 times what it takes.
const SILENCE_MS = 2000;

let testLab: TestLab;
let bed: WriterBed;

/** Tells whether an agent answers within a while. */
async function answers(agent: Agent): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), SILENCE_MS);
  });
  const answer = agent.processId().then(() => true);
  const result = await Promise.race([answer, silence]);
  clearTimeout(timer);
  return result;
}

beforeAll(async () => {
  testLab = makeTestLab();
  bed = await WriterBed.open(testLab);
});

afterAll(async () => {
  await bed.close();
  await testLab.remove();
});

describe.runIf(process.platform !== "win32")("the holder", () => {
  it("holds every process but the spared one, and lets all go when it is told", async () => {
    const [held, spared] = await Promise.all([startAgent(testLab.lab), startAgent(testLab.lab)]);
    const holder = startHolder(testLab.lab, "hold", String(await spared.processId()));
    const [word, processes, threads] = await holder.line();
    expect(word).toBe("held");
    expect(Number(processes)).toBeGreaterThanOrEqual(1);
    expect(Number(threads)).toBeGreaterThan(Number(processes));
    expect(await answers(held)).toBe(false);
    expect(await answers(spared)).toBe(true);
    expect(await holder.ask("again")).toEqual(["held", "0", "0"]);
    expect((await holder.ask("release"))[0]).toBe("released");
    expect(await answers(held)).toBe(true);
    await Promise.all([held.end(), spared.end(), holder.end()]);
  });

  it("lets all go when its input ends", async () => {
    const agent = await startAgent(testLab.lab);
    const holder = startHolder(testLab.lab, "hold");
    await holder.line();
    expect(await answers(agent)).toBe(false);
    expect(await holder.end()).toBe(0);
    expect(await answers(agent)).toBe(true);
    await agent.end();
  });

  it("releases what a killed holder left, however often it was held", async () => {
    const agent = await startAgent(testLab.lab);
    for (let time = 0; time < 2; time += 1) {
      const killed = startHolder(testLab.lab, "hold");
      await killed.line();
      await killed.kill();
    }
    expect(await answers(agent)).toBe(false);
    const release = startHolder(testLab.lab, "release");
    const [word, processes] = await release.line();
    expect(word).toBe("released");
    expect(Number(processes)).toBeGreaterThanOrEqual(1);
    expect(await answers(agent)).toBe(true);
    await Promise.all([release.end(), agent.end()]);
  });

  it("holds a writer too, whose requester asks it afterwards", async () => {
    const settings = writerSettings();
    const writer = await bed.subscribe(settings);
    const requester = await startRequester(testLab.lab, settings.id);
    const holder = startHolder(testLab.lab, "hold");
    await holder.line();
    await holder.ask("release");
    expect(await requester.event("identify")).toMatchObject({ outcome: "done" });
    await requester.end();
    writer.say({ say: "exit", exitCode: 0 });
    await Promise.all([writer.ended, holder.end()]);
  });
});
