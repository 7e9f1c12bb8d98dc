import { it } from "vitest";

import { properties } from "./properties.ts";

// The exhaustive tests have a hundred times as many.
const RUNS = 200;

it.each(properties)("$name", async ({ check }) => {
  await check(RUNS);
});
