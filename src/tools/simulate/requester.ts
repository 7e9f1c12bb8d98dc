import { WsbError } from "../../base/errors.ts";
import { parseGuid } from "../../base/guid.ts";
import type { WriterHandlerName } from "../../base/handler-name.ts";
import { PREBUILT } from "../lab/binaries.ts";
import { startLineProgram, type LineProgram } from "./line-program.ts";

/** The answer of a writer to an event. */
export interface WriterAnswer {
  /** `refused`: VSS did not pass the event on. `gone`: the writer's process has ended. */
  readonly outcome: "done" | "failed" | "refused" | "gone";
  /** VSS's code; 0 after `gone`. */
  readonly hresult: number;
  /** What the writer says about a failure. */
  readonly message: string;
}

/** The metadata document that a writer reports; `null` when it failed. */
export interface WriterIdentity extends WriterAnswer {
  readonly document: string | null;
}

/** A backup program that asks one writer, as the lab plays it. */
export interface Requester {
  identify(): Promise<WriterIdentity>;
  event(event: WriterHandlerName, ...args: readonly string[]): Promise<WriterAnswer>;
  /** Ends orderly. */
  end(): Promise<void>;
  /** Ends as a backup program that crashes. */
  die(): Promise<void>;
}

function isOutcome(word: string): word is WriterAnswer["outcome"] {
  return ["done", "failed", "refused", "gone"].includes(word);
}

function answerOf([outcome = "", hresult, , message = ""]: readonly string[]): WriterAnswer {
  if (!isOutcome(outcome)) throw new RangeError(`The lab answered ${outcome}.`);
  return outcome === "gone"
    ? { outcome, hresult: 0, message: "the writer's process has ended" }
    : { outcome, hresult: Number(hresult), message };
}

const FIELDS = 4;
const DOCUMENT = 5;

/** Finds the instance of a writer among the subscribed ones. */
async function findInstance(program: LineProgram, writerId: string): Promise<string | undefined> {
  const texts = await program.ask("list");
  const starts = texts.flatMap((_, index) => (index % FIELDS === 0 ? [index] : []));
  const found = starts.find((index) => parseGuid(`{${texts[index + 1] ?? ""}}`) === writerId);
  return found === undefined ? undefined : texts[found];
}

/**
 * Starts a backup program in the lab that asks a writer.
 *
 * @returns `undefined` when no process has this writer.
 * @throws {@link WsbError} `ERR_WSB_LAB` when the lab's program does not run.
 */
export async function startRequester(writerId: string): Promise<Requester | undefined> {
  const program = startLineProgram(PREBUILT.requester, []);
  try {
    const instance = await findInstance(program, writerId);
    if (instance === undefined) {
      await program.end();
      return undefined;
    }
    const [word] = await program.ask("connect", instance);
    if (word !== "connected") {
      throw new WsbError(
        "ERR_WSB_LAB",
        `The writer ${writerId} does not answer. Start its service again: wsb-addin register`,
      );
    }
  } catch (error) {
    await program.kill();
    throw error;
  }
  return {
    async identify() {
      const texts = await program.ask("identify");
      const answer = answerOf(texts);
      return { ...answer, document: answer.outcome === "done" ? (texts[DOCUMENT] ?? null) : null };
    },
    event: async (event, ...args) => answerOf(await program.ask(event, ...args)),
    async end() {
      await program.end();
    },
    die: () => program.kill(),
  };
}
