import { describe, expect, it } from "vitest";

import { WRITER_HANDLER_NAMES } from "../../../../src/base/handler-name.ts";
import { defineWriter, type WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";

const handler = (): void => {};
const invalid = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });

describe("defineWriter", () => {
  it("keeps the handlers", () => {
    const handlers: WriterHandlers = Object.fromEntries(
      WRITER_HANDLER_NAMES.map((name) => [name, handler]),
    );
    const writer = defineWriter(handlers);
    expect(writer.writerHandlers).toEqual(handlers);
    expect(Object.isFrozen(writer.writerHandlers)).toBe(true);
  });

  it("accepts a writer without handlers", () => {
    expect(defineWriter({}).writerHandlers).toEqual({});
  });

  it.each([
    ["a misspelt handler", { freez: handler }],
    ["a handler that is not a function", { thaw: "yes" }],
    ["freeze without thaw", { freeze: handler }],
  ])("refuses %s", (_, handlers: object) => {
    expect(() => defineWriter(handlers)).toThrow(invalid);
  });
});
