/**
 * The HRESULTs that the kit sends, receives or names, unsigned as they are printed (`0x80070005`).
 *
 * @see winerror.h; the first four: wsbapperror.h, facility 0x7A
 */
export const HRESULT = {
  WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED: 0x807a0001,
  WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED: 0x807a0002,
  WSBAPP_E_COMPONENT_POST_RESTORE_FAILED: 0x807a0003,
  /** The value in current SDKs, which the kit sends. */
  WSBAPP_ASYNC_IN_PROGRESS: 0x007a0004,
  /** wsbonlineerror.h, facility 0x85 */
  WSB_ONLINE_INVALID_PARAMETER_ERROR: 0x80850001,
  WSB_ONLINE_REGISTRATION_ALREADY_EXISTS: 0x80850002,
  /** The id of the snap-in is not the registered one. */
  WSB_ONLINE_REGISTRATION_MISMATCH: 0x80850003,
  /** vsserror.h */
  VSS_E_BAD_STATE: 0x80042301,
  VSS_E_UNEXPECTED: 0x80042302,
  VSS_E_OBJECT_NOT_FOUND: 0x80042308,
  VSS_E_OBJECT_ALREADY_EXISTS: 0x8004230d,
  VSS_E_INVALID_XML_DOCUMENT: 0x80042311,
  VSS_E_NOT_SUPPORTED: 0x8004232f,
  /** vsserror.h: the failures that a writer may report */
  VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT: 0x800423f0,
  VSS_E_WRITERERROR_OUTOFRESOURCES: 0x800423f1,
  VSS_E_WRITERERROR_TIMEOUT: 0x800423f2,
  /** A new backup may succeed. */
  VSS_E_WRITERERROR_RETRYABLE: 0x800423f3,
  /** A new backup will fail in the same way. */
  VSS_E_WRITERERROR_NONRETRYABLE: 0x800423f4,
  S_OK: 0x00000000,
  S_FALSE: 0x00000001,
  E_NOTIMPL: 0x80004001,
  E_NOINTERFACE: 0x80004002,
  E_POINTER: 0x80004003,
  E_ABORT: 0x80004004,
  E_FAIL: 0x80004005,
  E_UNEXPECTED: 0x8000ffff,
  E_ACCESSDENIED: 0x80070005,
  E_OUTOFMEMORY: 0x8007000e,
  E_INVALIDARG: 0x80070057,
  CLASS_E_NOAGGREGATION: 0x80040110,
  REGDB_E_CLASSNOTREG: 0x80040154,
  CO_E_SERVER_EXEC_FAILURE: 0x80080005,
  CO_E_SERVER_STOPPING: 0x80080008,
  RPC_E_DISCONNECTED: 0x80010108,
  RPC_E_SERVERFAULT: 0x80010105,
  /** HRESULT_FROM_WIN32(ERROR_MOD_NOT_FOUND) */
  ERROR_MOD_NOT_FOUND: 0x8007007e,
  /** HRESULT_FROM_WIN32(ERROR_PROC_NOT_FOUND) */
  ERROR_PROC_NOT_FOUND: 0x8007007f,
  /** HRESULT_FROM_WIN32(ERROR_NOT_SAFEBOOT_SERVICE) */
  ERROR_NOT_SAFEBOOT_SERVICE: 0x8007043c,
  /** HRESULT_FROM_WIN32(ERROR_DEPENDENT_SERVICES_RUNNING) */
  ERROR_DEPENDENT_SERVICES_RUNNING: 0x8007041b,
  /** HRESULT_FROM_WIN32(ERROR_SERVICE_REQUEST_TIMEOUT) */
  ERROR_SERVICE_REQUEST_TIMEOUT: 0x8007041d,
  /** HRESULT_FROM_WIN32(ERROR_SERVICE_DISABLED) */
  ERROR_SERVICE_DISABLED: 0x80070422,
  /** HRESULT_FROM_WIN32(ERROR_SERVICE_DOES_NOT_EXIST) */
  ERROR_SERVICE_DOES_NOT_EXIST: 0x80070424,
  /** HRESULT_FROM_WIN32(ERROR_SERVICE_MARKED_FOR_DELETE) */
  ERROR_SERVICE_MARKED_FOR_DELETE: 0x80070430,
  /** HRESULT_FROM_WIN32(ERROR_TIMEOUT) */
  ERROR_TIMEOUT: 0x800705b4,
  /** HRESULT_FROM_WIN32(RPC_S_CALL_FAILED): the server died during the call */
  RPC_S_CALL_FAILED: 0x800706be,
  /** HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) */
  RPC_S_SERVER_UNAVAILABLE: 0x800706ba,
} as const;

/**
 * The value of `WSBAPP_ASYNC_IN_PROGRESS` in the first SDKs and in the reference documentation;
 * accepted from an add-in, never sent.
 */
export const WSBAPP_ASYNC_IN_PROGRESS_FIRST_SDK = 0x407a0004;

const namesByValue = new Map<number, string>(
  Object.entries(HRESULT).map(([name, value]) => [value, name]),
);
namesByValue.set(WSBAPP_ASYNC_IN_PROGRESS_FIRST_SDK, "WSBAPP_ASYNC_IN_PROGRESS");

/** Tells whether `hresult`, signed or unsigned, is a failure code. */
export function isFailure(hresult: number): boolean {
  return hresult >>> 31 === 1;
}

/** Tells whether `hresult` means "still running" from `QueryStatus`, by the old or new value. */
export function isInProgress(hresult: number): boolean {
  const value = hresult >>> 0;
  return value === HRESULT.WSBAPP_ASYNC_IN_PROGRESS || value === WSBAPP_ASYNC_IN_PROGRESS_FIRST_SDK;
}

/** Formats `hresult` as Windows prints it: `0x` and eight upper-case digits. */
export function formatHresult(hresult: number): string {
  return `0x${(hresult >>> 0).toString(16).toUpperCase().padStart(8, "0")}`;
}

/** Returns the SDK's name of `hresult`, or its digits when the kit does not know the name. */
export function nameHresult(hresult: number): string {
  return namesByValue.get(hresult >>> 0) ?? formatHresult(hresult);
}
