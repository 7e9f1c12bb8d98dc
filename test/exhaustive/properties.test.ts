import { it } from "vitest";

import { properties } from "../property/properties.ts";

const RUNS = 20_000;

it.each(properties)(`$name (${RUNS} values)`, async ({ check }) => {
  await check(RUNS);
});
