import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { PAIR_TYPE } from "../../../../src/tools/cloud/value.ts";
import { repository } from "../../../generator/generator.ts";

const header = readFileSync(join(repository, "native/src/win/wsb-online.hpp"), "utf8");

it("numbers the types of status values like wsbonline.h", () => {
  const types = [...header.matchAll(/WSB_OB_ET_(?<name>\w+) = (?<number>\d+),/gu)];
  expect(types.map(({ groups }) => [groups?.["name"], Number(groups?.["number"])])).toEqual([
    ["UNDEFINED", 0],
    ...Object.entries(PAIR_TYPE).map(([name, number]) => [name.toUpperCase(), number]),
    ["MAX", 6],
  ]);
});
