import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Interface } from "node:readline";
import type { HelperDeclareSpec } from "handlebars";
import type { DynamicActionsFunction, NodePlopAPI, PromptQuestion } from "node-plop";
import { makeFolders } from "../src/base/make-folders.ts";
import { WsbError, errorText } from "../src/base/errors.ts";
import { fileError } from "../src/base/file-error.ts";
import { identifierRule } from "../src/runtime/manifest/rules.ts";
import { folderRule } from "../src/runtime/manifest/writer-rules.ts";
import { absoluteFolder, defaultName, packageNameFor } from "./answers.ts";
import type { GivenAnswers, Surroundings } from "./answers.ts";
import {
  choose,
  chosenHandlers,
  detectPackageManager,
  interfaceHandlers,
  kinds,
  writerKinds,
} from "./choices.ts";
import type {
  CiSystem,
  HandlerName,
  Kind,
  PackageManager,
  ShimForm,
  WriterKind,
} from "./choices.ts";
import { listOnce } from "./machine.ts";
import type { Choice, Machine } from "./machine.ts";
import { defaultFilesFolder, manifestWriter } from "./own-writer.ts";
import type { WriterAnswers } from "./own-writer.ts";
import { inFolder } from "./place.ts";
import type { Place } from "./place.ts";
import { camelCase, kebabCase } from "./project-files.ts";
import type { ProjectFile } from "./project-files.ts";
import { Interrupted } from "./project-command.ts";
import { refuseUsedTarget } from "./staging.ts";
import { checkFolder, checkServices, checkWriterId, isOwnWriter } from "./validate.ts";

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
      const asked = inquirer.prompt<PromptAnswers>([...questions(prompts)], prompts.given);
      return toGivenAnswers(await untilInterrupted(asked));
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

/**
 * Waits for the answers. Inquirer would end the process at Ctrl-C without a word.
 *
 * @throws {@link Interrupted} at Ctrl-C.
 */
function untilInterrupted<T>(asked: Promise<T> & { readonly ui: unknown }): Promise<T> {
  const terminal: { readonly rl?: Interface; readonly close?: () => void } = Object(asked.ui);
  return new Promise((resolve, reject) => {
    terminal.rl?.removeAllListeners("SIGINT").once("SIGINT", () => {
      terminal.close?.();
      reject(new Interrupted("SIGINT"));
    });
    asked.then(resolve, reject);
  });
}

/** Answers while the questions are asked: a question that a flag answers has its answer already. */
type PromptAnswers = {
  readonly [Key in keyof Omit<GivenAnswers, "services">]: GivenAnswers[Key];
} & {
  /** Typed, or chosen from a list. */
  readonly services?: string | readonly string[] | undefined;
  readonly more?: boolean;
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
const writerLabels: Readonly<Record<WriterKind, string>> = {
  external: "I do not know yet: make a class ID for its writer",
  declared: "No, its files may be copied at any moment, as after a power failure",
  service: "Yes, it must write everything to its files and then wait",
};
/** What a person can choose besides: a writer that the machine does not list. */
const otherWriter = "other";
const writerQuestion = `VSS writer. A backup finds the files of an application through its writer.
  If the application has none, wsb-addin makes one. The backup reads the files
  from a shadow copy, a snapshot of the disk. Must the application hold still
  while the shadow copy is made?`;
/** The answers behind "More choices", by their names in its question. */
const moreNames: Readonly<Record<string, keyof PromptAnswers>> = {
  folder: "folder",
  identifier: "identifier",
  handlers: "handlers",
  "C#": "dotnet",
  shim: "shim",
  "continuous integration": "ci",
  "package manager": "packageManager",
  install: "install",
  git: "git",
};
const addinOnly: ReadonlySet<string> = new Set(["handlers", "dotnet", "shim"]);

/**
 * Lists the questions in order: first those that only a person can answer, then those that have good
 * answers, if the person asks for them. With the default answers, it asks five. Inquirer skips a
 * question whose name has an answer.
 */
export function questions(options: PromptOptions): readonly PromptQuestion[] {
  const { machine } = options;
  return [
    ...productQuestions(options),
    ...writerQuestions(machine),
    ...serviceQuestions(machine),
    {
      ...confirm,
      name: "more",
      message: (answers: PromptAnswers) => `More choices (${openNames(answers).join(", ")})`,
      when: (answers: PromptAnswers) => openNames(answers).length > 0,
    },
    ...moreQuestions(options).map(behindMore),
  ];
}

/** Names the choices that no flag has made. */
function openNames(answers: PromptAnswers): readonly string[] {
  return Object.entries(moreNames).flatMap(([name, key]) => {
    const isMeaningless =
      (addinOnly.has(key) && !isAddin(answers)) || (key === "identifier" && !hasWriter(answers));
    return isMeaningless || answers[key] !== undefined ? [] : [name];
  });
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
      ...folderQuestion(options),
      message: ({ name }: PromptAnswers) =>
        `The folder ${packageNameFor(name ?? "")} is not empty. Another folder`,
      default: undefined,
      when: ({ name }: PromptAnswers) =>
        checkUnused(packageNameFor(name ?? ""), options) !== undefined,
    },
  ];
}

function folderQuestion(options: PromptOptions) {
  return {
    type: "input",
    name: "folder",
    message: "Folder",
    default: ({ name }: PromptAnswers) => packageNameFor(name ?? ""),
    validate: accept((folder) => checkFolder(folder) ?? checkUnused(folder, options)),
  } as const;
}

function writerQuestions(machine: Machine): readonly PromptQuestion[] {
  const writers = listOnce(machine.listWriters);
  return [
    {
      ...list,
      name: "writer",
      message: async () => {
        const { failure } = await writers();
        return failure === undefined
          ? writerQuestion
          : `${failure}\n  To choose from a list, run the command in an elevated prompt.\n  ${writerQuestion}`;
      },
      choices: async () => [
        ...choicesOf(writerLabels),
        { value: otherWriter, name: "It has a writer: enter the writer's class ID" },
        ...(await writers()).choices,
      ],
      when: (answers: PromptAnswers) => hasWriter(answers) && answers.writerId === undefined,
    },
    {
      type: "input",
      name: "writerId",
      message: 'Class ID of the VSS writer ("vssadmin list writers" shows it)',
      validate: accept(checkWriterId),
      when: ({ writer }: PromptAnswers) => writer === otherWriter,
    },
    {
      type: "input",
      name: "files",
      message: "Folder with the application's files",
      default: ({ name = "" }: PromptAnswers) =>
        defaultFilesFolder({ name, packageName: packageNameFor(name) }),
      validate: accept(folderRule),
      when: ({ writer }: PromptAnswers) => isOwnWriter(writer),
    },
  ];
}

function serviceQuestions(machine: Machine): readonly PromptQuestion[] {
  const services = listOnce(machine.listServices);
  return [
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
      message: async () => {
        const { failure } = await services();
        const why = failure === undefined ? "" : `${failure}\n  `;
        return `${why}Services to stop during a restore, by name (not display name), separated by
  commas (empty: none)`;
      },
      validate: (text: string, answers: PromptAnswers) =>
        accept(() => checkServicesOf(answers, splitServices(text)))(""),
      when: isAddin,
    },
  ];
}

/** A question behind "More choices". */
type MoreQuestion = PromptQuestion & { readonly when?: (answers: PromptAnswers) => boolean };

function behindMore(question: MoreQuestion): PromptQuestion {
  return {
    ...question,
    when: (answers: PromptAnswers) => answers.more === true && (question.when?.(answers) ?? true),
  };
}

function moreQuestions(options: PromptOptions): readonly MoreQuestion[] {
  return [
    folderQuestion(options),
    {
      type: "input",
      name: "identifier",
      message: "Application identifier, as the recovery wizard shows it",
      default: ({ name }: PromptAnswers) => name,
      validate: accept(identifierRule),
      when: hasWriter,
    },
    ...handlerQuestions,
    ...toolQuestions(options.userAgent),
  ];
}

const handlerQuestions: readonly MoreQuestion[] = [
  {
    type: "checkbox",
    pageSize: 15,
    loop: false,
    name: "handlers",
    message: "Handlers",
    choices: Object.entries(handlerLabels).map(([value, name]) => ({
      value,
      name,
      checked: interfaceHandlers.some((one) => one === value),
    })),
    validate: (chosen: readonly string[], answers: PromptAnswers) =>
      accept(() => checkHandlersOf(answers, chosen))(""),
    when: isAddin,
  },
  {
    type: "checkbox",
    pageSize: 15,
    loop: false,
    name: "dotnet",
    message: "Handlers to write in C# (none: write all in TypeScript)",
    choices: (answers: PromptAnswers) => [...inDotnet(answers)],
    when: (answers: PromptAnswers) => isAddin(answers) && inDotnet(answers).length > 0,
  },
  { type: "list", name: "shim", message: "Shim", choices: choicesOf(shimLabels), when: isAddin },
];

/** The chosen handlers that can be written in C#. */
function inDotnet({ handlers }: PromptAnswers): readonly HandlerName[] {
  const chosen = chosenHandlers(handlers);
  return interfaceHandlers.filter((name) => chosen.includes(name));
}

function toolQuestions(userAgent: string | undefined): readonly MoreQuestion[] {
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

/** An add-in has a handler or stops a service. */
function checkHandlersOf(
  { services = [] }: PromptAnswers,
  chosen: readonly string[],
): string | undefined {
  const names = typeof services === "string" ? splitServices(services) : services;
  return names.length === 0 && chosen.length === 0
    ? "must not be empty when no service is to stop"
    : undefined;
}

/** The handlers are known only if a flag named them. */
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

function toGivenAnswers({
  services,
  writer,
  writerId,
  more: _more,
  ...others
}: PromptAnswers): GivenAnswers {
  const kind = choose(writerKinds, writer ?? "");
  const isChosen = writer !== undefined && writer !== otherWriter && kind === undefined;
  return {
    ...others,
    writer: writer === undefined ? undefined : (kind ?? "external"),
    writerId: isChosen ? writer : writerId,
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
  // As the value of a field of the manifest.
  manifestWriter: (answers: WriterAnswers): string =>
    JSON.stringify(manifestWriter(answers), undefined, 2).replaceAll("\n", "\n  "),
  yaml: toYaml,
  // Templates of workflows get these paths below the repository's root.
  inProject: ({ projectPath }: Place, path: string): string => toYaml(inFolder(projectPath, path)),
  inStep: ({ projectPath }: Place): string =>
    projectPath === "" ? "" : `\n        workingDirectory: ${toYaml(projectPath)}`,
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

/** Writes a text as a scalar of YAML, in quotes if it needs them. */
function toYaml(text: unknown): string {
  return /^[\w./-]+$/u.test(String(text)) ? String(text) : JSON.stringify(text);
}

/** Writes a text as a string of a resource script. */
function toResourceString(text: unknown): string {
  return `"${String(text).replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
}
