import { expect } from "vitest";

import { PREBUILT } from "../../../src/tools/lab/binaries.ts";
import type { Lab } from "../../../src/tools/lab/lab.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { wineCommand, wineEnvironment } from "../../../src/tools/lab/wine.ts";
import { startLineProgram, type LineProgram } from "../../../src/tools/simulate/line-program.ts";

function startInLab(lab: Lab, file: string, args: readonly string[]): LineProgram {
  return lab.kind === "wine"
    ? startLineProgram(
        ...wineCommand([toWindowsPath(lab, file), ...args]),
        wineEnvironment(lab.prefix),
      )
    : startLineProgram(file, args);
}

/** The answer of a writer to an event. */
export interface EventAnswer {
  readonly outcome: string;
  readonly hresult: number;
  readonly applicationHresult: number;
  readonly message: string;
  readonly threadId: string;
  /** The metadata document, of Identify only. */
  readonly document: string;
}

/** A requester that is connected to one writer. */
export interface Requester {
  event(...command: readonly string[]): Promise<EventAnswer>;
  end(): Promise<number | null>;
  kill(): Promise<void>;
}

export const SET_ID = "{1B2C3D4E-0000-4000-8000-00000000ABCD}";

/** Starts the holder; it holds at once. */
export function startHolder(lab: Lab, ...args: readonly string[]): LineProgram {
  return startInLab(lab, PREBUILT.holder, args);
}

/** Lists the subscribed writers: instance, id, name, process id. */
export async function listWriters(lab: Lab): Promise<readonly (readonly string[])[]> {
  const requester = startInLab(lab, PREBUILT.requester, []);
  const texts = await requester.ask("list");
  await requester.end();
  return Array.from({ length: texts.length / 4 }, (_, index) =>
    texts.slice(index * 4, index * 4 + 4),
  );
}

/** Starts a requester, and connects it to the writer with this class id. */
export async function startRequester(lab: Lab, writerId: string): Promise<Requester> {
  const requester = startInLab(lab, PREBUILT.requester, []);
  const texts = await requester.ask("list");
  const plain = writerId.slice(1, -1).toLowerCase();
  const instance = texts[texts.indexOf(plain) - 1];
  if (instance === undefined) throw new Error(`no writer ${writerId}: ${texts.join(", ")}`);
  expect(await requester.ask("connect", instance)).toEqual(["connected"]);
  return {
    async event(...command) {
      const [
        outcome = "",
        hresult,
        applicationHresult,
        message = "",
        threadId = "",
        document = "",
      ] = await requester.ask(...command);
      return {
        outcome,
        hresult: Number(hresult),
        applicationHresult: Number(applicationHresult),
        message,
        threadId,
        document,
      };
    },
    end: () => requester.end(),
    kill: () => requester.kill(),
  };
}
