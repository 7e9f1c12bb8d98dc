import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";

const RUN_LIMIT_MS = 40_000;
const TEST_LIMIT_MS = 8000;
const TRIES = 3;

/** How a mutant was noticed. */
export interface Failure {
  readonly file: string;
  /** Nothing failed, but it took too long: on a busy machine that says little. */
  readonly isTimeOut: boolean;
}

// The messages of Vitest, and of setup.ts.
const TIMED_OUT = /timed out in|The mutant does not end/u;

/** A test file and the mutants that it reaches. */
export interface Reached {
  readonly file: string;
  readonly ids: ReadonlySet<number>;
}

function createRunner(root: string): Promise<Vitest> {
  return createVitest("test", {
    root,
    config: false,
    watch: false,
    include: ["build/mutation/tests/**/*.test.mjs"],
    pool: "threads",
    // What a mutant leaves behind, such as a wait for ever, must not disturb the next one.
    isolate: true,
    maxWorkers: 1,
    bail: 1,
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
    teardownTimeout: 1000,
    setupFiles: [join(root, "test", "mutation", "setup.ts")],
    reporters: [{}],
    silent: true,
    // The caller gives the order.
    sequence: { sequencer: GivenOrder },
  });
}

class GivenOrder {
  async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

/** Tells whether all that failed in a file did so by taking too long. */
function isTimeOut(module: TestModule): boolean {
  const errors = [...module.children.allTests()].flatMap((test) => test.result().errors ?? []);
  return errors.length > 0 && errors.every(({ message }) => TIMED_OUT.test(message));
}

/** Runs bundled test files with one mutant at a time, each file in a worker of its own. */
export class TestRuns {
  readonly #root: string;
  #vitest: Vitest;

  private constructor(root: string, vitest: Vitest) {
    this.#root = root;
    this.#vitest = vitest;
  }

  static async start(root: string): Promise<TestRuns> {
    return new TestRuns(root, await createRunner(root));
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
      await this.#passes(file);
      const durationMs = performance.now() - startMs;
      const ids = new Set<number>(JSON.parse(readFileSync(hits, "utf8")));
      reached.push({ file, ids, durationMs });
    }
    project.provide("hitsFile", "");
    return reached.toSorted((one, other) => one.durationMs - other.durationMs);
  }

  /** Runs a test file without a mutant; again when it fails, as it may on a busy machine. */
  async #passes(file: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const failure = await this.firstFailure([file], -1);
      if (failure === undefined) return;
      if (tries === TRIES) throw new Error(`Without a mutant, ${file} fails.`);
    }
  }

  /**
   * Runs test files with a mutant until one fails.
   *
   * @returns `undefined` when all pass. Tests that do not end do not pass.
   */
  async firstFailure(files: readonly string[], mutant: number): Promise<Failure | undefined> {
    const project = this.#vitest.getRootProject();
    project.provide("mutant", mutant);
    const specifications = files.map((file) => project.createSpecification(file));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, RUN_LIMIT_MS, undefined);
    });
    const result = await Promise.race([this.#vitest.runTestSpecifications(specifications), limit]);
    clearTimeout(timer);
    // Vitest also tells of the files of earlier runs.
    const modules = result?.testModules.filter(({ moduleId }) => files.includes(moduleId));
    const failed = modules?.find((one) => !one.ok());
    if (modules !== undefined && failed === undefined) return undefined;
    if (result === undefined) {
      // A worker that is busy for ever is ended a minute later.
      void this.#vitest.close().catch(() => {});
      this.#vitest = await createRunner(this.#root);
    }
    const [first = ""] = files;
    if (failed === undefined) return { file: first, isTimeOut: true };
    return { file: failed.moduleId, isTimeOut: isTimeOut(failed) };
  }
}
