export type { Component } from "./base/component.ts";
export type {
  CheckerExitCodes,
  CheckerOptions,
  CheckerResult,
  RunChecker,
} from "./runtime/addin/checker.ts";
export type {
  ExitCodes,
  ProgramOptions,
  ProgramResult,
  RunProgram,
} from "./runtime/addin/program.ts";
export { defineAddin } from "./runtime/addin/define-addin.ts";
export type {
  AbandonedComponent,
  Addin,
  AddinHandlers,
  AfterServicesStartHandler,
  AfterServicesStartRequest,
  BeforeServicesStopHandler,
  BeforeServicesStopRequest,
  CheckConsistencyHandler,
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
  RestoreAbandonedHandler,
  RestoreAbandonedRequest,
  RestoreRequest,
  VolumePair,
} from "./runtime/addin/define-addin.ts";
export { defineWriter } from "./runtime/writer/define-writer.ts";
export type {
  AbortHandler,
  AbortRequest,
  BackupCompleteHandler,
  BackupRequest,
  BackupShutdownHandler,
  BackupShutdownRequest,
  BackupType,
  FreezeHandler,
  PostSnapshotHandler,
  PrepareBackupHandler,
  PrepareSnapshotHandler,
  SnapshotRequest,
  ThawHandler,
  ThawRequest,
  Writer,
  WriterHandlers,
  WriterVolume,
} from "./runtime/writer/define-writer.ts";
export type { ThawReason } from "./runtime/events/definitions.ts";
export type { OnAbandonedRestore } from "./runtime/manifest/manifest.ts";
export { WsbError } from "./base/errors.ts";
export type { WsbErrorCode, WsbErrorDetails } from "./base/errors.ts";
export { HRESULT, formatHresult, nameHresult } from "./base/hresult.ts";
export { parseWriterMetadata } from "./runtime/metadata/parse.ts";
export type {
  AlternateLocationMapping,
  ComponentDependency,
  ComponentFiles,
  FileSpec,
  MetadataComponent,
  RestoreMethod,
  WriterIdentification,
  WriterMetadata,
} from "./runtime/metadata/writer-metadata.ts";
