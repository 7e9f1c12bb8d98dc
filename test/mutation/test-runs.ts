import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createVitest, type TestSpecification, type Vitest } from "vitest/node";

const tests = [
  "test/unit/runtime/restore/**/*.test.ts",
  "test/unit/base/durable-log/*.test.ts",
  "test/unit/compatibility/journal.test.ts",
];
const RUN_LIMIT_MS = 60_000;

/** A test file and the mutants that it reaches. */
export interface Reached {
  readonly file: string;
  readonly ids: ReadonlySet<number>;
}

function createRunner(root: string, code: ReadonlyMap<string, string>): Promise<Vitest> {
  const options = {
    root,
    config: false as const,
    watch: false,
    include: tests,
    pool: "threads",
    isolate: false,
    maxWorkers: 1,
    bail: 1,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 1000,
    setupFiles: [join(root, "test", "mutation", "setup.ts")],
    reporters: [{}],
    silent: true,
    // The quickest file first: the caller gives the order.
    sequence: { sequencer: GivenOrder },
  };
  const mutants = {
    name: "mutants",
    enforce: "pre" as const,
    transform: (_: string, id: string) => code.get(id.split("?")[0] ?? ""),
  };
  return createVitest("test", options, { plugins: [mutants] });
}

class GivenOrder {
  async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** Runs test files, each time in a new worker with one mutant. */
export class TestRuns {
  readonly #root: string;
  readonly #code: ReadonlyMap<string, string>;
  #vitest: Vitest;

  private constructor(root: string, code: ReadonlyMap<string, string>, vitest: Vitest) {
    this.#root = root;
    this.#code = code;
    this.#vitest = vitest;
  }

  static async start(root: string, code: ReadonlyMap<string, string>): Promise<TestRuns> {
    return new TestRuns(root, code, await createRunner(root, code));
  }

  async close(): Promise<void> {
    await this.#vitest.close();
  }

  /** Runs each test file once without a mutant, the quickest first in what it returns. */
  async reach(): Promise<readonly Reached[]> {
    const hits = join(this.#root, "build", "mutation", "hits.json");
    const reached: (Reached & { readonly durationMs: number })[] = [];
    const project = this.#vitest.getRootProject();
    project.provide("hitsFile", hits);
    for (const { moduleId: file } of await this.#vitest.globTestSpecifications()) {
      rmSync(hits, { force: true });
      const startMs = performance.now();
      if (!(await this.passes([file], -1))) throw new Error(`Without a mutant, ${file} fails.`);
      const durationMs = performance.now() - startMs;
      const ids = new Set<number>(JSON.parse(readFileSync(hits, "utf8")));
      reached.push({ file, ids, durationMs });
    }
    project.provide("hitsFile", "");
    return reached.toSorted((one, other) => one.durationMs - other.durationMs);
  }

  /** Tells whether all tests of some files pass with a mutant. Tests that do not end do not pass. */
  async passes(files: readonly string[], mutant: number): Promise<boolean> {
    this.#vitest.getRootProject().provide("mutant", mutant);
    const found = await this.#vitest.globTestSpecifications([...files]);
    const specifications = files.flatMap((file) => found.filter((one) => one.moduleId === file));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, RUN_LIMIT_MS, undefined);
    });
    const result = await Promise.race([this.#vitest.runTestSpecifications(specifications), limit]);
    clearTimeout(timer);
    if (result === undefined) {
      await this.#vitest.close();
      this.#vitest = await createRunner(this.#root, this.#code);
      return false;
    }
    // Vitest also tells of the files of earlier runs.
    const modules = result.testModules.filter(({ moduleId }) => files.includes(moduleId));
    return modules.every((one) => one.ok()) && result.unhandledErrors.length === 0;
  }
}
