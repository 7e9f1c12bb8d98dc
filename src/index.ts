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
  MetadataRequest,
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
export { parseWriterMetadata } from "./metadata/parse.ts";
export type {
  AlternateLocationMapping,
  ComponentDependency,
  ComponentFiles,
  FileSpec,
  MetadataComponent,
  RestoreMethod,
  WriterIdentification,
  WriterMetadata,
} from "./metadata/writer-metadata.ts";
