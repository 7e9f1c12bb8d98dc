import { anyCommandLine } from "./any-command-line.ts";
import { anyCaught, anyError } from "./any-error.ts";
import { anyLogScript } from "./any-log-script.ts";
import { anyManifest } from "./any-manifest.ts";
import type { Property } from "./property.ts";

/** Every property, for the quick tests with few values and the exhaustive ones with many. */
export const properties: readonly Property[] = [
  anyManifest,
  anyCommandLine,
  anyError,
  anyCaught,
  anyLogScript,
];
