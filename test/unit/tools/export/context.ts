import type { Manifest } from "../../../../src/runtime/manifest/manifest.ts";
import type { ExportContext, ExportFormat } from "../../../../src/tools/export/format.ts";
import type { PlanEntry } from "../../../../src/tools/registration/plan.ts";
import { manifestWith } from "../../../helpers/manifest.ts";
import { INSTALLATION, planOf } from "../../../helpers/fakes/registration.ts";

export { planOf };

/** The context for an export of {@link manifestWith}'s add-in. */
export function contextOf(fields: Partial<Manifest> = {}): ExportContext {
  return {
    manifest: manifestWith(fields),
    installation: INSTALLATION,
    folder: "C:\\Program Files\\Contoso",
    fileName: "contoso-ledger",
  };
}

/** Returns the text of a format's first file. */
export function textOf(format: ExportFormat, fields: Partial<Manifest> = {}): string {
  const [file] = format.write(planOf(fields), contextOf(fields));
  return Buffer.from(file?.content ?? []).toString("utf8");
}

/** Returns a plan with one value. */
export function planWith(value: PlanEntry["value"]): readonly PlanEntry[] {
  return [{ key: "SOFTWARE\\Contoso", name: "Value", value, why: "a test" }];
}
