/** Runs one script of operations on the simulated machine and on Windows. */
import { nativeFailure } from "../../src/base/errors.ts";

/** The same functions, whose answers come later. */
export type Later<T> = {
  [Key in keyof T]: T[Key] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export type Step<Machine> = readonly [name: string, run: (machine: Machine) => Promise<unknown>];

/** Runs a script; each answer is a value, or the code of an error. */
export async function answersOf<Machine>(
  machine: Machine,
  script: readonly Step<Machine>[],
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const [name, run] of script) {
    answers.push(`${name}: ${JSON.stringify(await answerOf(() => run(machine)))}`);
  }
  return answers;
}

async function answerOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await work()) ?? null;
  } catch (error) {
    const failure = nativeFailure(error);
    if (failure === undefined) throw error;
    return { hresult: failure.hresult.toString(16) };
  }
}
