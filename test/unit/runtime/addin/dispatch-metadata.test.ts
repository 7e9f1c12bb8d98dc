import { describe, expect, it } from "vitest";

import type { AddinHandlers, MetadataRequest } from "../../../../src/runtime/addin/define-addin.ts";
import type { NativeCall, NativeReply } from "../../../../src/runtime/native/binding.ts";
import { DispatchBed } from "../../../helpers/fakes/dispatch-bed.ts";

const readable = `<WRITER_METADATA><BACKUP_LOCATIONS>
  <FILE_GROUP componentName="Accounts" caption="The accounts"/>
</BACKUP_LOCATIONS></WRITER_METADATA>`;

const names = { componentName: "Accounts", logicalPath: null };
const volumes = { sourceVolumePaths: [], snapshotVolumePaths: [] };

/** The methods with a document, and the answer of each when its handler fails. */
const methods = [
  { method: "preRestore", succeeded: 0, failed: 0x807a0002 },
  { method: "postRestore", succeeded: 0, failed: 0x807a0003 },
  // No check is needed, where one could be.
  { method: "checkConsistency", succeeded: 1, failed: 0x807a0001 },
] as const;

type Method = (typeof methods)[number]["method"];

function callOf(method: Method, writerMetadata: string | null): NativeCall {
  return method === "checkConsistency"
    ? { method, ...names, writerMetadata, ...volumes }
    : { method, ...names, writerMetadata, noRollForward: true };
}

/** Delivers a call to handlers that all use the document in the same way. */
async function run(
  method: Method,
  writerMetadata: string | null,
  look: (request: MetadataRequest) => void,
): Promise<NativeReply> {
  const handlers: AddinHandlers = {
    preRestore: look,
    postRestore: look,
    checkConsistency: (request) => {
      look(request);
      return null;
    },
  };
  const bed = new DispatchBed(handlers, { services: [] });
  return bed.run(callOf(method, writerMetadata));
}

describe.each(methods)("the metadata of $method", ({ method, succeeded, failed }) => {
  it("is what the document says", async () => {
    const captions: unknown[] = [];
    const reply = await run(method, readable, (request) => {
      captions.push(request.metadata().findComponent(names)?.caption);
    });
    expect(reply.hresult).toBe(succeeded);
    expect(captions).toEqual(["The accounts"]);
  });

  it.each([
    ["an unreadable document", "<x/>"],
    ["no document", null],
  ])("fails a handler that asks %s for it", async (_, document) => {
    const reply = await run(method, document, (request) => {
      request.metadata();
    });
    expect(reply.hresult).toBe(failed);
    expect(reply.description).toContain("metadata document");
  });

  it("does not fail a handler that ignores an unreadable document", async () => {
    const documents: unknown[] = [];
    const reply = await run(method, "<x/>", ({ writerMetadata }) => documents.push(writerMetadata));
    expect(reply.hresult).toBe(succeeded);
    expect(documents).toEqual(["<x/>"]);
  });

  it("is parsed again for each call", async () => {
    const views: unknown[] = [];
    await run(method, readable, (request) => views.push(request.metadata()));
    await run(method, readable, (request) => views.push(request.metadata(), request.metadata()));
    const [first, second, third] = views;
    expect(second).toBe(third);
    expect(first).not.toBe(second);
  });
});
