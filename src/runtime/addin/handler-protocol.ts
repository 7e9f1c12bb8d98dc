/** What a process and the process that runs one handler for it tell each other. */
import { type Definition, type TypeOf } from "../../base/document/definition.ts";
import { fields, forms } from "../../base/document/fields.ts";
import { boolean, integer, list, orNull, string } from "../../base/document/kinds.ts";
import { milliseconds } from "../../base/document/parts.ts";
import { readText } from "../../base/document/read.ts";
import { WsbError, isWsbErrorCode } from "../../base/errors.ts";
import type { OnAbandonedRestore } from "../manifest/manifest.ts";
import type { AfterServicesStartRequest, RestoreAbandonedRequest } from "./define-addin.ts";

/** The requests to the handlers that run in a process of their own. */
export interface HandlerRequests {
  readonly restoreAbandoned: RestoreAbandonedRequest;
  readonly afterServicesStart: AfterServicesStartRequest;
}

/** The name of a handler that runs in a process of its own. */
export type LoneHandler = keyof HandlerRequests;

/** The results of these handlers; `noHandler` when the add-in has none. */
export interface HandlerAnswers {
  readonly restoreAbandoned: OnAbandonedRestore | "noHandler";
  readonly afterServicesStart: "done" | "noHandler";
}

/** The largest request: more than 10,000 components with long names. */
export const MAX_REQUEST_BYTES: number = 16 * 1024 * 1024;

const maybeString = orNull(string);
const component = { componentName: maybeString, logicalPath: maybeString };
const names = list(string);
const pid = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });

const restoreAbandoned: Definition<RestoreAbandonedRequest> = fields({
  components: list(
    fields({
      ...component,
      outcome: maybeString,
      client: orNull(fields({ pid, image: string })),
      noRollForward: orNull(boolean),
    }),
  ),
  services: names,
});

const afterServicesStart: Definition<AfterServicesStartRequest> = fields({
  services: names,
  components: list(fields(component)),
});

const envelope = {
  /** Begins the line of the answer. Only the two processes know it, so no other output is taken. */
  marker: string,
  /** The handler's limit. */
  limitMs: milliseconds(1),
};

const order = forms("handler", {
  restoreAbandoned: { ...envelope, request: restoreAbandoned },
  afterServicesStart: { ...envelope, request: afterServicesStart },
});

/** What the process of a handler is to do. */
export type HandlerOrder = TypeOf<typeof order>;

const answer = forms("answer", {
  noHandler: {},
  done: {},
  startServices: {},
  keepStopped: {},
  failed: { code: string, text: string },
});

/** What the process of a handler has done. */
export type HandlerAnswer = TypeOf<typeof answer>;

/** An order to run one handler. */
export interface OrderOf<Name extends LoneHandler> extends Pick<
  HandlerOrder,
  "marker" | "limitMs"
> {
  readonly handler: Name;
  readonly request: HandlerRequests[Name];
}

/** Formats an order for the input of the process. */
export function formatOrder(value: OrderOf<LoneHandler>): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Reads an order.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for another text.
 */
export function parseOrder(text: string): HandlerOrder {
  const reading = readText(order, text, "the order");
  if ("value" in reading) return reading.value;
  const [problem] = reading.problems;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The input is not an order for a handler: ${problem?.field} ${problem?.rule}. Only the add-in's own processes start this mode.`,
  );
}

/** Formats the line of an answer in ASCII, so that no code page changes it. */
export function formatAnswer(marker: string, value: HandlerAnswer): string {
  const json = JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  // The handler may have written half a line.
  return `\n${marker}${json}\n`;
}

/** Finds the answer in the output of the process; `undefined` without a valid one. */
export function findAnswer(output: string, marker: string): HandlerAnswer | undefined {
  const line = output.split(/\r?\n/u).findLast((one) => one.startsWith(marker));
  if (line === undefined) return undefined;
  const reading = readText(answer, line.slice(marker.length), "the answer");
  return "value" in reading ? reading.value : undefined;
}

/** Tells whether an answer is one that a handler can give. */
export function isAnswerOf<Name extends LoneHandler>(
  name: Name,
  value: string,
): value is HandlerAnswers[Name] {
  const words = name === "restoreAbandoned" ? ["startServices", "keepStopped"] : ["done"];
  return value === "noHandler" || words.includes(value);
}

/** Turns the failure of a handler in its process into an error of this process. */
export function answeredError({ code, text }: { code: string; text: string }): WsbError {
  return new WsbError(isWsbErrorCode(code) ? code : "ERR_WSB_HANDLER", text);
}
