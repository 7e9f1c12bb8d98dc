import { expect, it } from "vitest";

import { ownKeys, topKeys } from "../../../../src/tools/export/own-keys.ts";
import {
  appIdKey,
  classKey,
  eventSourceKey,
  localServerKey,
  writerKey,
} from "../../../../src/tools/registration/keys.ts";
import { APP_ID, CLSID, WRITER_ID, manifestWith } from "../../../helpers/manifest.ts";
import { planOf } from "./context.ts";

const source = eventSourceKey("Contoso Ledger (wsb-addin)");

const shared = {
  key: "SOFTWARE\\Classes\\CLSID",
  name: "x",
  value: { type: 1, data: new Uint8Array(2) },
  why: "not ours alone",
};

it("names the registration's keys, children before parents, and never a shared one", () => {
  const keys = ownKeys([...planOf(), shared], manifestWith());
  expect(keys).toEqual([
    writerKey(WRITER_ID),
    localServerKey(CLSID),
    classKey(CLSID),
    appIdKey(APP_ID),
    source,
  ]);
  expect(topKeys(keys)).toEqual([writerKey(WRITER_ID), classKey(CLSID), appIdKey(APP_ID), source]);
});
