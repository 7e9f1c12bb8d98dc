import { describe, expect, it } from "vitest";

import { parseWriterMetadata } from "../../../../src/runtime/metadata/parse.ts";
import { showComponent } from "../../../../src/base/component.ts";
import { chooseComponents, componentsOf } from "../../../../src/tools/simulate/parts.ts";
import { plainMetadata, renderMetadata } from "../../../helpers/render-metadata.ts";
import { writerDocuments } from "../../../helpers/writer-documents.ts";

const documents = writerDocuments();

/** Counts the elements of the text without a parser. */
function count(text: string, elements: RegExp): number {
  return text.match(elements)?.length ?? 0;
}

/** Returns the values of an attribute, found without a parser. */
function attribute(text: string, name: string): string | null {
  return new RegExp(`\\s${name}="([^"]*)"`, "u").exec(text)?.[1] ?? null;
}

describe("the documents of writers", () => {
  it.each(documents)("are read without losing an element: $name", ({ text }) => {
    const metadata = parseWriterMetadata(text);
    const { components, excludedFiles, excludedFilesFromSnapshot } = metadata;
    expect(components).toHaveLength(count(text, /<(?:FILE_GROUP|DATABASE)\s/gu));
    expect(components.flatMap(({ files }) => files)).toHaveLength(
      count(text, /<(?:FILE_LIST|DATABASE_FILES)\s/gu),
    );
    expect(components.flatMap(({ logFiles }) => logFiles)).toHaveLength(
      count(text, /<DATABASE_LOGFILES\s/gu),
    );
    expect(excludedFiles).toHaveLength(count(text, /<EXCLUDE_FILES\s/gu));
    expect(excludedFilesFromSnapshot).toHaveLength(count(text, /<EXCLUDE_FILES_FROM_SNAPSHOT\s/gu));
    expect(metadata.restoreMethod !== null).toBe(text.includes("<RESTORE_METHOD "));
  });

  it.each(documents)("identify their writer: $name", ({ text }) => {
    const { version, backupSchema, identification, restoreMethod } = parseWriterMetadata(text);
    expect(identification).toEqual({
      writerId: `{${attribute(text, "writerId")?.toUpperCase()}}`,
      instanceId: `{${attribute(text, "instanceId")?.toUpperCase()}}`,
      instanceName: attribute(text, "instanceName"),
      friendlyName: attribute(text, "friendlyName"),
      usage: attribute(text, "usage"),
      dataSource: attribute(text, "dataSource"),
      majorVersion: 0,
      minorVersion: 0,
    });
    expect(version).toBe("1.2");
    expect(backupSchema).toBe(Number(attribute(text, "backupSchema") ?? 0));
    expect(restoreMethod?.method ?? null).toBe(attribute(text, "method"));
    expect(restoreMethod?.writerRestore ?? null).toBe(attribute(text, "writerRestore"));
    expect(restoreMethod?.rebootRequired ?? false).toBe(text.includes('rebootRequired="yes"'));
  });

  it.each(documents)(
    "have components with flags, names and whole file lists: $name",
    ({ text }) => {
      const { components } = parseWriterMetadata(text);
      for (const flag of [
        "selectable",
        "selectableForRestore",
        "notifyOnBackupComplete",
      ] as const) {
        const set = components.filter((component) => component[flag]);
        expect(set, flag).toHaveLength(count(text, new RegExp(`\\s${flag}="yes"`, "gu")));
      }
      for (const { componentName, files } of components) {
        expect(componentName).not.toBe("");
        for (const file of files) {
          expect(file.path).not.toBe("");
          expect(file.filespec).not.toBe("");
          expect(file.filespecBackupType).toBe(3855);
        }
      }
    },
  );

  it.each(documents)("are the same when they are rewritten: $name", ({ text }) => {
    const metadata = parseWriterMetadata(text);
    const again = parseWriterMetadata(renderMetadata(metadata));
    expect(plainMetadata(again)).toEqual(plainMetadata(metadata));
  });

  it.each(documents)(
    "give back each component by the name the simulator plays it by: $name",
    ({ text }) => {
      const metadata = parseWriterMetadata(text);
      const simulated = componentsOf(metadata);
      const byName = chooseComponents(simulated, simulated.map(showComponent), "App");
      expect(byName).toEqual(simulated);
      const found = byName.map((component) => metadata.findComponent(component));
      expect(found).toEqual(metadata.components);
    },
  );
});
