import type { Check } from "../check.ts";
import { activationCheck } from "./activation.ts";
import { backupsCheck } from "./backups.ts";
import { backupFeatureCheck } from "./backup-feature.ts";
import { comPermissionsCheck } from "./com-permissions.ts";
import { bootTaskCheck } from "./boot-task.ts";
import { componentFilesCheck } from "./component-files.ts";
import { consistencyCheck } from "./consistency.ts";
import { foldersCheck } from "./folders.ts";
import { guardianCheck } from "./guardian.ts";
import { identifierCheck } from "./identifier.ts";
import { nodeCheck } from "./node.ts";
import { proxyStubCheck } from "./proxy-stub.ts";
import { registrationCheck } from "./registration.ts";
import { servicesCheck } from "./services.ts";
import { sessionCheck } from "./session.ts";
import { volumesCheck } from "./volumes.ts";
import { vssServicesCheck } from "./vss-services.ts";
import { vssWritersCheck } from "./vss-writers.ts";
import { writerInstancesCheck } from "./writer-instances.ts";
import { writerStableCheck } from "./writer-stable.ts";

/** All checks, the causes of others first. The activation comes last, because it starts the add-in. */
export const CHECKS: readonly Check[] = [
  backupFeatureCheck,
  vssServicesCheck,
  comPermissionsCheck,
  vssWritersCheck,
  proxyStubCheck,
  registrationCheck,
  identifierCheck,
  writerStableCheck,
  writerInstancesCheck,
  backupsCheck,
  componentFilesCheck,
  volumesCheck,
  foldersCheck,
  nodeCheck,
  servicesCheck,
  bootTaskCheck,
  guardianCheck,
  sessionCheck,
  consistencyCheck,
  activationCheck,
];
