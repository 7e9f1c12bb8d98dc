import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repository } from "../generator/generator.ts";
import { runProgram } from "../helpers/cli.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;

beforeAll(() => {
  testLab = makeTestLab();
});

afterAll(() => testLab.remove());

describe("npm run demo", () => {
  it("ends with the restored service and no trace", async () => {
    const { code, stdout, stderr } = await runProgram("npm", ["run", "demo"], {
      cwd: repository,
      env: { WSB_ADDIN_LAB: testLab.labFolder },
    });
    expect(code, stdout + stderr).toBe(0);
  });
});
