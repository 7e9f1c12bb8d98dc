import type { PromptQuestion } from "node-plop";
import { errorText } from "../src/base/errors.ts";
import { identifierRule } from "../src/runtime/manifest/rules.ts";
import { absoluteFolder, completeAnswers, defaultName, packageNameFor } from "./answers.ts";
import type { GivenAnswers, Surroundings } from "./answers.ts";
import {
  choose,
  chosenHandlers,
  ciSystems,
  detectPackageManager,
  handlers,
  kinds,
  packageManagers,
  shimForms,
} from "./choices.ts";
import type { Choice, HandlerName } from "./choices.ts";
import { filesOf, layersOf } from "./layers.ts";
import type { Sources } from "./layers.ts";
import type { Machine } from "./machine.ts";
import { refuseUsedTarget } from "./target.ts";
import { checkFolder, checkServices, checkWriterId } from "./validate.ts";

/** What the questions depend on. */
export interface PromptOptions extends Surroundings {
  /** Answers the flags gave: nobody is asked for them again. */
  readonly given: GivenAnswers;
  readonly sources: Sources;
  readonly machine: Machine;
  /** A folder with something in it may be named too. */
  readonly merge: boolean;
}

/** A list that the machine gave, or why it gave none. */
interface Listing {
  readonly choices: readonly Choice<string>[];
  readonly failure: string;
}

const pageSize = 15;

/** Adds what the prompts collected to what the flags gave. */
export function addPromptAnswers(given: GivenAnswers, answers: unknown): GivenAnswers {
  const collected = new Map<string, unknown>(
    typeof answers === "object" && answers !== null ? Object.entries(answers) : [],
  );
  const text = (key: string): string | undefined => {
    const value = collected.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const texts = (key: string): readonly string[] | undefined => {
    const value = collected.get(key);
    return Array.isArray(value) ? value.map(String) : undefined;
  };
  const truth = (key: string): boolean | undefined => {
    const value = collected.get(key);
    return typeof value === "boolean" ? value : undefined;
  };
  const typedServices = text("services");
  const chosen = texts("handlers");
  return {
    ...given,
    kind: given.kind ?? text("kind"),
    name: given.name ?? text("name"),
    folder: given.folder ?? text("folder"),
    identifier: given.identifier ?? text("identifier"),
    writerId: given.writerId ?? text("writerId") ?? text("writerOfMachine"),
    handlers: given.handlers ?? (chosen?.length === 0 ? ["none"] : chosen),
    services:
      given.services ??
      texts("servicesOfMachine") ??
      (typedServices === undefined ? undefined : splitServices(typedServices)),
    dotnet: given.dotnet ?? texts("dotnet"),
    shim: given.shim ?? text("shim"),
    ci: given.ci ?? text("ci"),
    packageManager: given.packageManager ?? text("packageManager"),
    install: given.install ?? truth("install"),
    git: given.git ?? truth("git"),
  };
}

/** The questions that no flag has answered, in the order to ask them. */
export function openQuestions(options: PromptOptions): PromptQuestion[] {
  const { given, machine } = options;
  const isKind =
    (...wanted: readonly string[]) =>
    (answers: unknown): boolean =>
      wanted.includes(choose(kinds, addPromptAnswers(given, answers).kind ?? "") ?? "add-in");
  const isAddin = isKind("add-in");
  const isApplication = isKind("add-in", "application");
  return [
    ...unless(given.kind, [list("kind", "What to make", kinds)]),
    ...unless(given.name, [
      {
        name: "name",
        type: "input",
        message: "Product name",
        default: defaultName(given, options.currentFolder),
        validate: accept(identifierRule),
      },
    ]),
    ...unless(given.folder, [
      {
        name: "folder",
        type: "input",
        message: "Folder",
        default: (answers: unknown) => packageNameFor(nameFrom(given, answers)),
        validate: (folder: string, answers: unknown) =>
          accept((text) => checkFolder(text) ?? checkUnused(text, answers, options))(folder),
      },
    ]),
    ...unless(given.identifier, [
      {
        name: "identifier",
        type: "input",
        message: "Application identifier, as the recovery wizard shows it",
        default: (answers: unknown) => nameFrom(given, answers),
        validate: accept(identifierRule),
        when: isApplication,
      },
    ]),
    ...unless(given.writerId, writerQuestions(machine, isApplication)),
    ...unless(given.handlers, [
      {
        name: "handlers",
        type: "checkbox",
        message: "Handlers",
        choices: handlers.map(({ value, name }) => ({ value, name, checked: true })),
        pageSize,
        loop: false,
        when: isAddin,
      },
    ]),
    ...unless(given.services, serviceQuestions(options, isAddin)),
    ...unless(given.dotnet, [
      {
        name: "dotnet",
        type: "checkbox",
        message: "Handlers to write in C# (none: all in TypeScript)",
        choices: (answers: unknown) => [...chosenNow(given, answers)],
        pageSize,
        loop: false,
        when: (answers: unknown) => isAddin(answers) && chosenNow(given, answers).length > 0,
      },
    ]),
    ...unless(given.shim, [{ ...list("shim", "Shim", shimForms), when: isAddin }]),
    ...unless(given.ci, [list("ci", "Continuous integration", ciSystems)]),
    ...unless(given.packageManager, [
      {
        ...list("packageManager", "Package manager", packageManagers),
        default: detectPackageManager(options.userAgent).name,
      },
    ]),
    ...unless(given.install, [confirm("install", "Install the packages now")]),
    ...unless(given.git, [confirm("git", "Make a git repository")]),
  ];
}

/** The handlers that a flag or an answer has chosen by now. */
function chosenNow(given: GivenAnswers, answers: unknown): readonly HandlerName[] {
  return chosenHandlers(addPromptAnswers(given, answers).handlers);
}

function unless(answer: unknown, questions: PromptQuestion[]): PromptQuestion[] {
  return answer === undefined ? questions : [];
}

function list(name: string, message: string, choices: readonly Choice<string>[]): PromptQuestion {
  return { name, type: "list", message, choices: [...choices], pageSize, loop: false };
}

function confirm(name: string, message: string): PromptQuestion {
  return { name, type: "confirm", message, default: false };
}

function answerNamed(answers: unknown, name: string): unknown {
  return new Map(Object.entries(answers ?? {})).get(name);
}

function writerQuestions(
  machine: Machine,
  isAsked: (answers: unknown) => boolean,
): PromptQuestion[] {
  const listing = once(machine.listWriters, "Run from an elevated prompt to choose from a list.");
  const source = (answers: unknown): unknown =>
    isAsked(answers) ? answerNamed(answers, "writerSource") : undefined;
  const isListed = async (answers: unknown): Promise<boolean> =>
    source(answers) === "machine" && (await listing()).choices.length > 0;
  return [
    {
      ...list("writerSource", "Class id of the application's VSS writer", [
        { value: "new", name: "Make a new one" },
        { value: "paste", name: "Paste it" },
        ...(machine.listWriters === undefined
          ? []
          : [{ value: "machine", name: "Choose from the writers of this machine" }]),
      ]),
      when: isAsked,
    },
    {
      name: "writerOfMachine",
      type: "list",
      message: "VSS writer",
      choices: async () => [...(await listing()).choices],
      pageSize,
      loop: false,
      when: isListed,
    },
    {
      name: "writerId",
      type: "input",
      message: async (answers: unknown) =>
        source(answers) === "machine"
          ? `${(await listing()).failure}\n  Class id of the writer (empty: a new one)`
          : "Class id of the writer (empty: a new one)",
      validate: accept((text) => (text === "" ? undefined : checkWriterId(text))),
      when: async (answers: unknown) =>
        source(answers) === "paste" ||
        (source(answers) === "machine" && !(await isListed(answers))),
    },
  ];
}

function serviceQuestions(
  { machine, given }: PromptOptions,
  isAsked: (answers: unknown) => boolean,
): PromptQuestion[] {
  // Without a handler, an add-in is there for its services alone.
  const check = (services: readonly string[], answers: unknown): string | undefined => {
    const isIdle = services.length === 0 && chosenNow(given, answers).length === 0;
    return isIdle ? "must not be empty when there is no handler" : checkServices(services);
  };
  const listing = once(machine.listServices, "");
  const isListed = async (): Promise<boolean> =>
    machine.listServices !== undefined && (await listing()).choices.length > 0;
  return [
    {
      name: "servicesOfMachine",
      type: "checkbox",
      message: "Services to stop during a restore",
      choices: async () => [...(await listing()).choices],
      pageSize,
      loop: false,
      validate: (chosen: readonly unknown[], answers: unknown) =>
        accept(() => check(chosen.map(String), answers))(""),
      when: async (answers: unknown) => isAsked(answers) && (await isListed()),
    },
    {
      name: "services",
      type: "input",
      message: "Services to stop during a restore, separated by commas (empty: none)",
      validate: (text: string, answers: unknown) =>
        accept((typed) => check(splitServices(typed), answers))(text),
      when: async (answers: unknown) => isAsked(answers) && !(await isListed()),
    },
  ];
}

/** Asks the machine when the list is needed first, and keeps what it said. */
function once(ask: Machine["listWriters"], advice: string): () => Promise<Listing> {
  let listing: Promise<Listing> | undefined;
  const run = async (): Promise<Listing> => {
    try {
      const choices = (await ask?.()) ?? [];
      return { choices, failure: `There is nothing to choose from. ${advice}`.trim() };
    } catch (error) {
      const [reason = ""] = errorText(error).split("\n");
      return { choices: [], failure: `${reason}. ${advice}`.trim() };
    }
  };
  return () => (listing ??= run());
}

function checkUnused(folder: string, answers: unknown, options: PromptOptions): string | undefined {
  if (options.merge) return undefined;
  const all = completeAnswers(addPromptAnswers(options.given, answers), options);
  const files = filesOf(options.sources, layersOf(all)).map(({ path }) => path);
  try {
    refuseUsedTarget(absoluteFolder(folder, options.currentFolder), files);
    return undefined;
  } catch {
    return "must be a new folder or an empty one";
  }
}

function nameFrom(given: GivenAnswers, answers: unknown): string {
  return addPromptAnswers(given, answers).name ?? "";
}

function splitServices(text: string): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/** Turns a check into what Inquirer asks for: `true`, or the complaint to show. */
function accept(check: (text: string) => string | undefined): (text: string) => string | true {
  return (text) => {
    const complaint = check(text);
    return complaint === undefined ? true : `This ${complaint}.`;
  };
}
