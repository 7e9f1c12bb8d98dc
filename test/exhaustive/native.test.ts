import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, it } from "vitest";

const tool = fileURLToPath(new URL("../../tools/test-native.mjs", import.meta.url));
const EXIT_CANNOT_RUN = 77;

it.for(["address", "thread", "windows"])(
  "the parts of the shim without Windows pass their tests (%s)",
  (preset, { skip }) => {
    const options = { encoding: "utf8", timeout: 600_000 } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [tool, preset], options);
    if (status === EXIT_CANNOT_RUN) skip(stderr);
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/test cases: +[1-9]\d* \| +[1-9]\d* passed \| 0 failed/u);
  },
);
