import { describe, expect, it } from "vitest";

import {
  HRESULT,
  WSBAPP_ASYNC_IN_PROGRESS_FIRST_SDK,
  formatHresult,
  isFailure,
  isInProgress,
  nameHresult,
} from "../../../src/base/hresult.ts";

// Values of wsbapperror.h, wsbonlineerror.h, vsserror.h and winerror.h, listed separately from the source.
const published: Readonly<Record<string, number>> = {
  WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED: 0x807a0001,
  WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED: 0x807a0002,
  WSBAPP_E_COMPONENT_POST_RESTORE_FAILED: 0x807a0003,
  WSBAPP_ASYNC_IN_PROGRESS: 0x007a0004,
  WSB_ONLINE_INVALID_PARAMETER_ERROR: 0x80850001,
  WSB_ONLINE_REGISTRATION_ALREADY_EXISTS: 0x80850002,
  WSB_ONLINE_REGISTRATION_MISMATCH: 0x80850003,
  VSS_E_BAD_STATE: 0x80042301,
  VSS_E_UNEXPECTED: 0x80042302,
  VSS_E_OBJECT_NOT_FOUND: 0x80042308,
  VSS_E_OBJECT_ALREADY_EXISTS: 0x8004230d,
  VSS_E_INVALID_XML_DOCUMENT: 0x80042311,
  VSS_E_NOT_SUPPORTED: 0x8004232f,
  VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT: 0x800423f0,
  VSS_E_WRITERERROR_OUTOFRESOURCES: 0x800423f1,
  VSS_E_WRITERERROR_TIMEOUT: 0x800423f2,
  VSS_E_WRITERERROR_RETRYABLE: 0x800423f3,
  VSS_E_WRITERERROR_NONRETRYABLE: 0x800423f4,
  S_OK: 0,
  S_FALSE: 1,
  E_NOTIMPL: 0x80004001,
  E_NOINTERFACE: 0x80004002,
  E_POINTER: 0x80004003,
  E_ABORT: 0x80004004,
  E_FAIL: 0x80004005,
  E_UNEXPECTED: 0x8000ffff,
  E_ACCESSDENIED: 0x80070000 + 5,
  E_OUTOFMEMORY: 0x80070000 + 14,
  E_INVALIDARG: 0x80070000 + 87,
  CLASS_E_NOAGGREGATION: 0x80040110,
  REGDB_E_CLASSNOTREG: 0x80040154,
  CO_E_SERVER_EXEC_FAILURE: 0x80080005,
  CO_E_SERVER_STOPPING: 0x80080008,
  RPC_E_DISCONNECTED: 0x80010108,
  RPC_E_SERVERFAULT: 0x80010105,
  ERROR_MOD_NOT_FOUND: 0x80070000 + 126,
  ERROR_PROC_NOT_FOUND: 0x80070000 + 127,
  ERROR_NOT_SAFEBOOT_SERVICE: 0x80070000 + 1084,
  ERROR_DEPENDENT_SERVICES_RUNNING: 0x80070000 + 1051,
  ERROR_SERVICE_REQUEST_TIMEOUT: 0x80070000 + 1053,
  ERROR_SERVICE_DISABLED: 0x80070000 + 1058,
  ERROR_SERVICE_DOES_NOT_EXIST: 0x80070000 + 1060,
  ERROR_SERVICE_MARKED_FOR_DELETE: 0x80070000 + 1072,
  ERROR_TIMEOUT: 0x80070000 + 1460,
  RPC_S_CALL_FAILED: 0x80070000 + 1726,
  RPC_S_SERVER_UNAVAILABLE: 0x80070000 + 1722,
};

describe("HRESULT", () => {
  it("has the values of the SDK's headers, and no others", () => {
    expect(HRESULT).toEqual(published);
  });

  it("has separate values for the old and the current WSBAPP_ASYNC_IN_PROGRESS", () => {
    expect(WSBAPP_ASYNC_IN_PROGRESS_FIRST_SDK).toBe(0x407a0004);
  });
});

describe.each([
  { hresult: 0, failure: false, text: "0x00000000", name: "S_OK" },
  { hresult: 1, failure: false, text: "0x00000001", name: "S_FALSE" },
  { hresult: 0x7fffffff, failure: false, text: "0x7FFFFFFF", name: "0x7FFFFFFF" },
  { hresult: 0x80000000, failure: true, text: "0x80000000", name: "0x80000000" },
  { hresult: 0x80070005, failure: true, text: "0x80070005", name: "E_ACCESSDENIED" },
  { hresult: -2147024891, failure: true, text: "0x80070005", name: "E_ACCESSDENIED" },
  { hresult: -1, failure: true, text: "0xFFFFFFFF", name: "0xFFFFFFFF" },
  { hresult: 0x007a0004, failure: false, text: "0x007A0004", name: "WSBAPP_ASYNC_IN_PROGRESS" },
  { hresult: 0x407a0004, failure: false, text: "0x407A0004", name: "WSBAPP_ASYNC_IN_PROGRESS" },
])("the HRESULT $hresult", ({ hresult, failure, text, name }) => {
  it(`is ${failure ? "a failure" : "a success"}`, () => {
    expect(isFailure(hresult)).toBe(failure);
  });

  it(`is written ${text} and called ${name}`, () => {
    expect(formatHresult(hresult)).toBe(text);
    expect(nameHresult(hresult)).toBe(name);
  });
});

describe("isInProgress", () => {
  it.each([
    [0x007a0004, true],
    [0x407a0004, true],
    [0, false],
    [0x807a0004, false],
    [0x807a0001, false],
  ])("returns for %i: %s", (hresult, expected) => {
    expect(isInProgress(hresult)).toBe(expected);
  });
});
