import { MANIFEST_DEFAULTS, type Manifest } from "../../src/runtime/manifest/manifest.ts";

/** The ids for tests, which belong to no real program. */
export const WRITER_ID = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";
export const CLSID = "{7B1C6E0A-52D7-4C55-9C39-0E9A3C1C6F01}";
export const APP_ID = "{7B1C6E0A-52D7-4C55-9C39-0E9A3C1C6F02}";

/** Returns a manifest in its parsed form; `fields` replace fields of the same name. */
export function manifestWith(fields: Partial<Manifest> = {}): Manifest {
  return {
    name: "Contoso Ledger",
    writerId: WRITER_ID,
    applicationIdentifier: "Contoso Ledger",
    addin: { clsid: CLSID, appId: APP_ID },
    services: [],
    ...MANIFEST_DEFAULTS,
    ...fields,
  };
}

/** The required fields of a manifest file, as parsed JSON. */
export const minimalFields: Readonly<Record<string, unknown>> = {
  name: "Contoso Ledger",
  writerId: WRITER_ID,
  applicationIdentifier: "Contoso Ledger",
};
