import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HelperDeclareSpec } from "handlebars";
import type { DynamicActionsFunction, NodePlopAPI, PromptQuestion } from "node-plop";
import { makeFolders } from "../src/base/make-folders.ts";
import { WsbError, errorText } from "../src/base/errors.ts";
import { fileError } from "../src/base/file-error.ts";
import { identifierRule } from "../src/runtime/manifest/rules.ts";
import { absoluteFolder, defaultName, packageNameFor } from "./answers.ts";
import type { GivenAnswers, Surroundings } from "./answers.ts";
import {
  choose,
  chosenHandlers,
  detectPackageManager,
  interfaceHandlers,
  kinds,
} from "./choices.ts";
import type { CiSystem, HandlerName, Kind, PackageManager, ShimForm } from "./choices.ts";
import { listOnce } from "./machine.ts";
import type { Choice, Machine } from "./machine.ts";
import { camelCase, kebabCase } from "./project-files.ts";
import type { ProjectFile } from "./project-files.ts";
import { refuseUsedTarget } from "./staging.ts";
import { checkFolder, checkServices, checkWriterId } from "./validate.ts";

/** What the questions depend on. */
export interface PromptOptions extends Surroundings {
  /** Answers from flags; their questions are skipped. */
  readonly given: GivenAnswers;
  readonly machine: Machine;
  /** Accepts a folder that is not empty. */
  readonly merge: boolean;
}

/** Files that the actions write below a folder. */
export interface FilesToWrite {
  readonly folder: string;
  readonly files: readonly ProjectFile[];
  /** Files without a template: their texts by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Renders the template in a file with Handlebars; returns other files unchanged. */
export type Render = (template: string, values: object) => string | Buffer;

/** Defines the generators: `project` for a new project, `changes` for an existing one. */
export default function plopfile(
  plop: NodePlopAPI,
  render: Render,
  prompts: PromptOptions | undefined,
): void {
  for (const [name, helper] of Object.entries(helpers)) plop.setHelper(name, helper);

  plop.setActionType("write", (values, { folder, path, template, text }) => {
    try {
      const file = join(folder, path);
      makeFolders(dirname(file));
      writeFileSync(file, text ?? render(template, values), { flag: "wx" });
      return path;
    } catch (error) {
      throw writeError(path, error);
    }
  });

  plop.setGenerator("project", {
    description: "a Windows Server Backup project in TypeScript",
    prompts: async (inquirer) => {
      if (prompts === undefined) return {};
      return toGivenAnswers(await inquirer.prompt([...questions(prompts)], prompts.given));
    },
    actions: writeActions,
  });
  plop.setGenerator("changes", {
    description: "changes to an existing project",
    prompts: [],
    actions: writeActions,
  });
}

function writeError(path: string, error: unknown): unknown {
  const failure = fileError(`Cannot write ${path}`, "Nothing was created.", error);
  if (failure instanceof WsbError) return failure;
  const text = `Cannot write ${path}: ${errorText(error)}. Nothing was created.`;
  return new WsbError("ERR_WSB_GENERATOR", text, { cause: error });
}

const writeActions: DynamicActionsFunction = (data = {}) => {
  const { folder, files, texts }: FilesToWrite = data["output"];
  return [
    ...files.map(({ path, template }) => ({ type: "write", folder, path, template })),
    ...[...texts].map(([path, text]) => ({ type: "write", folder, path, text })),
  ];
};

/** Answers while the questions are asked: a question that a flag answers has its answer already. */
type PromptAnswers = {
  readonly [Key in keyof Omit<GivenAnswers, "services">]: GivenAnswers[Key];
} & {
  readonly writerSource?: "new" | "enter" | "machine";
  /** Typed, or chosen from a list. */
  readonly services?: string | readonly string[];
};

const kindLabels: Readonly<Record<Kind, string>> = {
  "add-in": "Add-in: handlers that run during restores and backups",
  application: "Application only: an item in the recovery wizard, no code",
  cloud: "Cloud backup provider",
};
const handlerLabels: Readonly<Record<HandlerName, string>> = {
  isRollForwardSupported: "isRollForwardSupported: whether logs can be replayed",
  orderComponents: "orderComponents: the order in which components are restored",
  beforeServicesStop: "beforeServicesStop: once a restore, while the services still run",
  preRestore: "preRestore: before the files of each component are restored",
  postRestore: "postRestore: after the files of each component are restored",
  afterServicesStart: "afterServicesStart: once a restore, when the services run again",
  restoreAbandoned: "restoreAbandoned: whether the services start after an unfinished restore",
  checkConsistency: "checkConsistency: during a backup, on the shadow copies",
};
const shimLabels: Readonly<Record<ShimForm, string>> = {
  prebuilt: "Prebuilt: comes with wsb-addin, needs no compiler",
  source: "Source: C++ code in native/ that you can change and build",
};
const ciLabels: Readonly<Record<CiSystem, string>> = {
  github: "GitHub Actions",
  azure: "Azure Pipelines",
  none: "None",
};
const packageManagerLabels: Readonly<Record<PackageManager, string>> = {
  npm: "npm",
  pnpm: "pnpm",
  yarn: "Yarn",
  bun: "Bun",
};
const newWriterQuestion = "Class ID of the VSS writer (empty: generate a new one)";

/** Lists the questions in order. Inquirer skips a question whose name has an answer. */
export function questions(options: PromptOptions): readonly PromptQuestion[] {
  const { machine, userAgent } = options;
  return [
    ...productQuestions(options),
    ...writerQuestions(machine),
    ...handlerQuestions(machine),
    ...toolQuestions(userAgent),
  ];
}

function productQuestions(options: PromptOptions): readonly PromptQuestion[] {
  const { given, currentFolder } = options;
  return [
    { ...list, name: "kind", message: "Kind of project", choices: choicesOf(kindLabels) },
    {
      type: "input",
      name: "name",
      message: "Product name",
      default: defaultName(given, currentFolder),
      validate: accept(identifierRule),
    },
    {
      type: "input",
      name: "folder",
      message: "Folder",
      default: ({ name }: PromptAnswers) => packageNameFor(name ?? ""),
      validate: accept((folder) => checkFolder(folder) ?? checkUnused(folder, options)),
    },
    {
      type: "input",
      name: "identifier",
      message: "Application identifier, as the recovery wizard shows it",
      default: ({ name }: PromptAnswers) => name,
      validate: accept(identifierRule),
      when: hasWriter,
    },
  ];
}

function writerQuestions(machine: Machine): readonly PromptQuestion[] {
  const writers = listOnce(machine.listWriters);
  return [
    {
      ...list,
      name: "writerSource",
      message: "Class ID of the application's VSS writer",
      choices: [
        { value: "new", name: "Generate a new one" },
        { value: "enter", name: "Enter it" },
        ...(machine.listWriters === undefined
          ? []
          : [{ value: "machine", name: "Choose a writer on this machine" }]),
      ],
      when: (answers: PromptAnswers) => hasWriter(answers) && answers.writerId === undefined,
    },
    {
      ...list,
      name: "writerId",
      message: "VSS writer",
      choices: async () => [...(await writers()).choices],
      when: async ({ writerSource }: PromptAnswers) =>
        writerSource === "machine" && (await writers()).choices.length > 0,
    },
    {
      type: "input",
      name: "writerId",
      message: async ({ writerSource }: PromptAnswers) => {
        if (writerSource !== "machine") return newWriterQuestion;
        const { failure } = await writers();
        return `${failure} To choose from a list, run the command from an elevated prompt.\n  ${newWriterQuestion}`;
      },
      validate: accept((text) => (text === "" ? undefined : checkWriterId(text))),
      when: ({ writerSource }: PromptAnswers) =>
        writerSource === "enter" || writerSource === "machine",
    },
  ];
}

function handlerQuestions(machine: Machine): readonly PromptQuestion[] {
  const services = listOnce(machine.listServices);
  return [
    {
      ...list,
      type: "checkbox",
      name: "handlers",
      message: "Handlers",
      choices: choicesOf(handlerLabels).map(({ value, name }) => ({
        value,
        name,
        checked: interfaceHandlers.some((one) => one === value),
      })),
      when: isAddin,
    },
    {
      ...list,
      type: "checkbox",
      name: "services",
      message: "Services to stop during a restore",
      choices: async () => [...(await services()).choices],
      validate: (chosen: readonly string[], answers: PromptAnswers) =>
        accept(() => checkServicesOf(answers, chosen))(""),
      when: async (answers: PromptAnswers) =>
        isAddin(answers) && (await services()).choices.length > 0,
    },
    {
      type: "input",
      name: "services",
      message: "Services to stop during a restore, separated by commas (empty: none)",
      validate: (text: string, answers: PromptAnswers) =>
        accept(() => checkServicesOf(answers, splitServices(text)))(""),
      when: isAddin,
    },
    {
      ...list,
      type: "checkbox",
      name: "dotnet",
      message: "Handlers to write in C# (none: write all in TypeScript)",
      choices: (answers: PromptAnswers) => [...chosenHandlers(answers.handlers)],
      when: (answers: PromptAnswers) =>
        isAddin(answers) && chosenHandlers(answers.handlers).length > 0,
    },
    { ...list, name: "shim", message: "Shim", choices: choicesOf(shimLabels), when: isAddin },
  ];
}

function toolQuestions(userAgent: string | undefined): readonly PromptQuestion[] {
  return [
    { ...list, name: "ci", message: "Continuous integration", choices: choicesOf(ciLabels) },
    {
      ...list,
      name: "packageManager",
      message: "Package manager",
      choices: choicesOf(packageManagerLabels),
      default: detectPackageManager(userAgent).name,
    },
    { ...confirm, name: "install", message: "Install the packages now" },
    { ...confirm, name: "git", message: "Create a git repository" },
  ];
}

const list = { type: "list", pageSize: 15, loop: false } as const;
const confirm = { type: "confirm", default: false } as const;

function choicesOf(labels: Readonly<Record<string, string>>): Choice[] {
  return Object.entries(labels).map(([value, name]) => ({ value, name }));
}

function kindOf({ kind }: PromptAnswers): Kind {
  return choose(kinds, kind ?? "") ?? "add-in";
}

function isAddin(answers: PromptAnswers): boolean {
  return kindOf(answers) === "add-in";
}

function hasWriter(answers: PromptAnswers): boolean {
  return kindOf(answers) !== "cloud";
}

/** Without a handler, an add-in is useful only for its services. */
function checkServicesOf(
  { handlers }: PromptAnswers,
  services: readonly string[],
): string | undefined {
  return services.length === 0 && chosenHandlers(handlers).length === 0
    ? "must not be empty when there is no handler"
    : checkServices(services);
}

function checkUnused(folder: string, { merge, currentFolder }: PromptOptions): string | undefined {
  if (merge) return undefined;
  try {
    refuseUsedTarget(absoluteFolder(folder, currentFolder), []);
    return undefined;
  } catch {
    return "must be a new folder or an empty one";
  }
}

function splitServices(text: string): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Turns a check into a validation of Inquirer's: `true`, or the complaint to show. */
function accept(check: (text: string) => string | undefined): (text: string) => string | true {
  return (text) => {
    const complaint = check(text);
    return complaint === undefined ? true : `This ${complaint}.`;
  };
}

function toGivenAnswers({ services, writerId, ...others }: PromptAnswers): GivenAnswers {
  return {
    ...others,
    writerId: writerId === "" ? undefined : writerId,
    services: typeof services === "string" ? splitServices(services) : services,
  };
}

/** Functions that templates can call. Handlebars passes its own options as the last argument. */
const helpers: HelperDeclareSpec = {
  json: toJson,
  markdown: escapeMarkdown,
  kebab: (text: unknown): string => kebabCase(String(text)),
  camel: (text: unknown): string => camelCase(String(text)),
  eq: (one: unknown, other: unknown): boolean => one === other,
  includes: (values: unknown, value: unknown): boolean =>
    Array.isArray(values) && values.includes(value),
  restoresIn(dotnet: unknown): boolean {
    const named: readonly unknown[] = Array.isArray(dotnet) ? dotnet : [];
    return named.includes("preRestore") || named.includes("postRestore");
  },
  includesAny: (value: unknown, ...values: readonly unknown[]): boolean =>
    values.slice(0, -1).includes(value),
  rc: toResourceString,
};

/** Writes a value as JSON that is also a TypeScript literal, a list on one line. */
function toJson(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
}

/** Escapes Markdown and HTML syntax. */
function escapeMarkdown(text: unknown): string {
  return String(text).replace(/[\\`*_[\]<>&#|~!]/gu, String.raw`\$&`);
}

/** Writes a text as a string of a resource script. */
function toResourceString(text: unknown): string {
  return `"${String(text).replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
}
