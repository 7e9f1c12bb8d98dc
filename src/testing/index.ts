export type { Manifest } from "../runtime/manifest/manifest.ts";
export { assertSucceeded } from "./assert-succeeded.ts";
export { TestClock } from "./clock.ts";
export { canRunDotnet } from "./dotnet.ts";
export { createTestHost, readManifestFile } from "./host.ts";
export type {
  AbandonedInput,
  AbandonedOutcome,
  CallOutcome,
  CheckInput,
  CheckOutcome,
  FailureCause,
  HandlerFailure,
  LogLine,
  OrderOutcome,
  RestoreInput,
  RollForwardOutcome,
  TestHost,
  TestHostOptions,
} from "./host.ts";
export type { PlayProgram, TestProgram } from "./programs.ts";
export { TestServices } from "./services.ts";
export type { ServiceReaction, TestService } from "./services.ts";
export { TestVolumes } from "./volumes.ts";
export type { VolumeFiles } from "./volumes.ts";
export { createWriterTestHost } from "./writer-host.ts";
export type {
  BackupInput,
  BackupOutcome,
  BackupStep,
  WriterTestHost,
  WriterTestHostOptions,
} from "./writer-host.ts";
