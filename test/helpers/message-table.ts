import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { EventType } from "../../src/runtime/native/binding.ts";
import { repository } from "../generator/generator.ts";

/** A text in the source of the shim's message table. */
export interface Message {
  readonly id: number;
  readonly type: EventType;
  readonly text: string;
}

const MESSAGE =
  /^MessageId=(\d+)\nSeverity=(Informational|Warning|Error)\n(?:\w+=\w+\n)*([^\n]+)\n\.$/gmu;

const types: Readonly<Record<string, EventType>> = {
  Informational: "information",
  Warning: "warning",
  Error: "error",
};

/** The upper bits of an event's id in Event Viewer's lookup of its text. */
export const severityBits: Readonly<Record<EventType, number>> = {
  information: 0x40000000,
  warning: 0x80000000,
  error: 0xc0000000,
};

/** Returns the texts of native/messages/events.mc in order. */
export function readMessages(): readonly Message[] {
  const file = join(repository, "native", "messages", "events.mc");
  const source = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  return [...source.matchAll(MESSAGE)].map(([, id, severity = "", text = ""]) => ({
    id: Number(id),
    type: types[severity] ?? "error",
    text,
  }));
}
