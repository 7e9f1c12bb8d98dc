import { transform } from "esbuild";
import { expect, it } from "vitest";

import type { PreRestoreHandler, RestoreRequest } from "../../../../src/index.ts";
import { parseWriterMetadata } from "../../../../src/index.ts";
import { codeBlocks } from "../../../helpers/documents.ts";

const document = `<WRITER_METADATA><BACKUP_LOCATIONS>
  <DATABASE logicalPath="Ledger" componentName="Books" caption="The books">
    <DATABASE_FILES path="D:\\Data" filespec="books.mdf"/>
    <DATABASE_LOGFILES path="E:\\Log" filespec="*.ldf"/>
    <DATABASE_LOGFILES path="F:\\Log" filespec="*.trn"/>
  </DATABASE>
</BACKUP_LOCATIONS></WRITER_METADATA>`;

/** The README's handler that uses metadata. */
async function handlerOfReadme(): Promise<PreRestoreHandler> {
  const block = codeBlocks("README.md", "ts").find((code) => code.includes("metadata()"));
  const { code } = await transform(block ?? "", { loader: "ts" });
  const module: { preRestore: PreRestoreHandler } = await import(
    `data:text/javascript,${encodeURIComponent(code)}`
  );
  return module.preRestore;
}

it("works as in the README", async () => {
  const preRestore = await handlerOfReadme();
  const request: RestoreRequest = {
    componentName: "Books",
    logicalPath: "Ledger",
    writerMetadata: document,
    metadata: () => parseWriterMetadata(document),
    noRollForward: true,
  };
  const lines: string[] = [];
  const record = (line: string): void => {
    lines.push(line);
  };
  const { signal } = new AbortController();
  await preRestore(request, {
    signal,
    log: { info: record, warn: record },
    progress: () => {},
    run: async () => ({ exitCode: 0, output: "" }),
  });
  expect(lines).toEqual([
    "The books has its logs in E:\\Log, as *.ldf",
    "The books has its logs in F:\\Log, as *.trn",
  ]);
});
