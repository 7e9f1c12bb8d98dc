import { it } from "vitest";

import { properties } from "./properties.ts";

// The exhaustive tests use a hundred times as many values.
const RUNS = 200;

it.each(properties)("$name", async ({ check }) => {
  await check(RUNS);
});
