import { assertSucceeded, createWriterTestHost } from "wsb-addin/testing";
import { expect, test, vi } from "vitest";
import writer from "../src/writer.ts";

// The application does not run here: each HTTP request gets "0", and each program ends with 0.
vi.stubGlobal("fetch", async () => new Response("0"));
const options = {
  manifest: new URL("../wsb-addin.json", import.meta.url),
  runProgram: () => ({ exitCode: 0, output: "" }),
};

test("a backup freezes the application for its shadow copy, and thaws it", async () => {
  const copy = vi.fn<() => void>();
  const { steps } = await createWriterTestHost(writer, options).backup({ copy });
  for (const step of steps) assertSucceeded(step);
  expect(copy).toHaveBeenCalledOnce();
});

test("a backup that is aborted thaws the application", async () => {
  const copy = () => {
    throw new Error("The disk is full.");
  };
  const { steps, error } = await createWriterTestHost(writer, options).backup({ copy });
  for (const step of steps) assertSucceeded(step);
  expect(error).toBe("The disk is full.");
});

test("thaw succeeds when nothing is frozen, also twice at the same time", async () => {
  const host = createWriterTestHost(writer, options);
  const outcomes = await Promise.all([host.thaw("start"), host.thaw("serviceEnded")]);
  for (const outcome of outcomes) assertSucceeded(outcome);
});
