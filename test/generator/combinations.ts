import type { GivenAnswers } from "../../generator/answers.ts";
import { handlers, interfaceHandlers, shimForms, writerKinds } from "../../generator/choices.ts";
import type { Part } from "../../src/base/generator.ts";
import { coverPairs, type Factors, type Row } from "../helpers/all-pairs.ts";

/** A project to make: the generator's input, and the parts that the kit's command adds later. */
export interface Combination {
  readonly given: GivenAnswers;
  readonly userAgent: string | undefined;
  readonly parts: readonly Part[];
}

const names: Readonly<Record<string, string>> = {
  plain: "Contoso Ledger",
  hostile: `O'Brien & <Co> "x" \${{ y }} {{z}} C:\\new`,
  foreign: "Größe 備份 🗄",
};
const services: Readonly<Record<string, readonly string[]>> = {
  none: [],
  one: ["ContosoLedger"],
  two: ["MSSQL$CONTOSO", `It's "B" \${{ y }}`],
};
const folders: Readonly<Record<string, string | undefined>> = {
  default: undefined,
  nested: "add-ins/of ours/Größe",
};
const writerIds: Readonly<Record<string, string | undefined>> = {
  new: undefined,
  given: "ce4ef7dc-18ce-4a11-b4c9-d7a668637d1b",
};
const parts: Readonly<Record<string, readonly Part[]>> = {
  nothing: [],
  cloud: [{ kind: "cloud" }],
  check: [{ kind: "check", name: "ledger-files" }],
  writer: [{ kind: "writer", name: "service" }],
  handler: [{ kind: "handler", name: "preRestore" }],
  dotnet: [{ kind: "dotnet", name: "preRestore" }],
  ci: [{ kind: "ci", name: "azure" }],
};

const common: Factors = {
  ci: ["github", "azure", "none"],
  manager: ["npm", "pnpm", "yarn", "bun"],
  version: ["known", "unknown"],
  name: Object.keys(names),
  folder: Object.keys(folders),
};

const kinds: Readonly<Record<string, Factors>> = {
  "add-in": {
    ...common,
    ...Object.fromEntries(
      handlers.map((name) => [
        name,
        interfaceHandlers.some((one) => one === name)
          ? ["TypeScript", "C#", "no"]
          : ["TypeScript", "no"],
      ]),
    ),
    shim: shimForms,
    services: Object.keys(services),
    writer: writerKinds,
    writerId: Object.keys(writerIds),
    part: ["nothing", "check", "handler", "dotnet", "writer", "ci", "cloud"],
  },
  application: {
    ...common,
    writer: writerKinds,
    writerId: Object.keys(writerIds),
    part: ["nothing", "writer", "ci", "cloud"],
  },
  cloud: { ...common, part: ["nothing", "ci"] },
};

function handlersIn(row: Row, ...languages: readonly string[]): readonly string[] {
  return handlers.filter((name) => languages.includes(row[name] ?? ""));
}

function orNone(list: readonly string[]): readonly string[] {
  return list.length === 0 ? ["none"] : list;
}

/** Excludes projects without a handler and a service, and parts that are generated twice. */
function isPossible(row: Row): boolean {
  if (row["part"] === "ci" && row["ci"] === "azure") return false;
  if (row["part"] === "writer" && (row["writer"] ?? "external") !== "external") return false;
  const addsPreRestore = row["part"] === "handler" || row["part"] === "dotnet";
  if (addsPreRestore && (row["preRestore"] ?? "no") !== "no") return false;
  const handlesNothing = handlers.every((name) => row[name] === "no");
  return row["services"] !== "none" || !handlesNothing;
}

function combinationOf(kind: string, row: Row): Combination {
  const value = (factor: string): string => row[factor] ?? "";
  const manager = value("manager");
  return {
    given: {
      kind,
      ci: value("ci"),
      name: names[value("name")],
      folder: folders[value("folder")],
      writer: row["writer"],
      writerId: writerIds[row["writerId"] ?? ""],
      packageManager: manager,
      ...(kind === "add-in" && {
        handlers: orNone(handlersIn(row, "TypeScript", "C#")),
        dotnet: orNone(handlersIn(row, "C#")),
        shim: value("shim"),
        services: services[value("services")],
      }),
    },
    userAgent: value("version") === "known" ? `${manager}/1.2.3 node/v22.18.0` : undefined,
    parts: parts[value("part")] ?? [],
  };
}

/** The factors of each kind, and rows that contain every possible pair of their values. */
export const matrix: readonly {
  readonly kind: string;
  readonly factors: Factors;
  readonly rows: readonly Row[];
}[] = Object.entries(kinds).map(([kind, factors]) => ({
  kind,
  factors,
  rows: coverPairs(factors, isPossible),
}));

/** All pairs of the generator's choices, as projects to make. */
export const combinations: readonly Combination[] = matrix.flatMap(({ kind, rows }) =>
  rows.map((row) => combinationOf(kind, row)),
);
