export type {
  CheckerExitCodes,
  CheckerOptions,
  CheckerResult,
  RunChecker,
} from "./addin/checker.ts";
export { defineAddin } from "./addin/define-addin.ts";
export type {
  Addin,
  AddinHandlers,
  CheckConsistencyHandler,
  Component,
  ConsistencyContext,
  ConsistencyRequest,
  HandlerContext,
  HandlerLog,
  IsRollForwardSupportedHandler,
  OrderComponentsHandler,
  OrderComponentsRequest,
  PostRestoreHandler,
  PreRestoreHandler,
  RestoreRequest,
  VolumePair,
} from "./addin/define-addin.ts";
export { WsbError } from "./errors.ts";
export type { WsbErrorCode, WsbErrorDetails } from "./errors.ts";
export { HRESULT, formatHresult, nameHresult } from "./hresult.ts";
