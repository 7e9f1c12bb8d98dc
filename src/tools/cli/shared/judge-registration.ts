import { WsbError } from "../../../base/errors.ts";
import { addinFolder } from "../../../base/program-data.ts";
import type { NativeBinding } from "../../../runtime/native/binding.ts";
import { describeForeign } from "../../../runtime/native/protected-file.ts";
import type { ReportForeign } from "../../../runtime/native/protected-folder.ts";
import { addinFiles } from "../../registration/addin-files.ts";
import { hasBootTask, needsBootTask } from "../../registration/boot-task.ts";
import type { Condition } from "../../registration/condition.ts";
import { describeWritable, findWritablePaths } from "../../registration/folder-check.ts";
import { readClsid, readInstallation } from "../../registration/read-installation.ts";
import {
  inspectRegistration,
  type RegistrationMachine,
  type RegistrationState,
} from "../../registration/register.ts";
import type { PartCondition } from "../../registration/parts.ts";
import { isServiceOutdated, serviceNameOf } from "../../registration/writer-service.ts";
import { readSwitch, type BackupState } from "../../writer/backups.ts";
import { findSessionOwner, reportSession, type SessionReport } from "./session.ts";
import { writerIdOf, type Expected, type WriterOptions } from "./writer.ts";

/** Who else than an administrator could change what COM starts for the writer. */
function findWarnings(binding: NativeBinding, writerId: string): readonly string[] {
  const installation = readInstallation(binding, writerId);
  if (installation === undefined) return [];
  try {
    return describeWritable(findWritablePaths(binding, addinFiles(installation)));
  } catch (error) {
    if (error instanceof WsbError && error.code === "ERR_WSB_ACCESS_DENIED") {
      return ["Who can change the application's files can only be told from an elevated prompt."];
    }
    throw error;
  }
}

/** Says why the folder with the add-in's sessions is not obeyed, if so. */
function foreignFolder(binding: NativeBinding, writerId: string): readonly string[] {
  const clsid = readClsid(binding, writerId);
  const text = clsid === undefined ? undefined : describeForeign(binding, addinFolder(clsid));
  return text === undefined ? [] : [text];
}

type RecordState = "sound" | "half done" | "damaged" | "not visible";

/** Reads the state of the registration record, and stands for a record that cannot be read. */
function readRecord(
  machine: RegistrationMachine,
  writerId: string,
): { readonly state: RecordState; readonly machine: RegistrationMachine } {
  const without = { ...machine, records: { ...machine.records, read: () => undefined } };
  try {
    const record = machine.records.read(writerId);
    if (record === undefined || record.state === "registered") return { state: "sound", machine };
    return { state: "half done", machine: without };
  } catch (error) {
    const code = error instanceof WsbError ? error.code : undefined;
    // Anybody may ask; only an administrator can read the records.
    if (code === "ERR_WSB_ACCESS_DENIED") return { state: "not visible", machine: without };
    if (code === "ERR_WSB_CONFLICT") return { state: "damaged", machine: without };
    throw error;
  }
}

/** What was found of a registration. */
export interface Status
  extends Omit<RegistrationState, "writerService">, Pick<BackupState, "writerOff"> {
  readonly writerId: string;
  /** The service of the writer; absent when none is expected. */
  readonly writerService?: PartCondition | "stopped" | "outdated";
  /** What others than administrators could change, or have made below ProgramData. */
  readonly warnings: readonly string[];
  readonly session?: SessionReport;
  /** Whether the start-up task is there; absent where none is needed. */
  readonly bootRecovery?: boolean;
}

interface Found {
  readonly status: Status;
  readonly record: RecordState;
}

/** Reads what only an administrator can read of an add-in. */
function readAddin(
  binding: NativeBinding,
  options: WriterOptions,
): Pick<Status, "session" | "bootRecovery"> {
  const owner = findSessionOwner(binding, options);
  if (owner === undefined) return {};
  const session = reportSession(owner);
  const { manifest } = owner;
  return {
    ...(session === undefined ? {} : { session }),
    ...(needsBootTask(manifest) ? { bootRecovery: hasBootTask(manifest.addin.clsid) } : {}),
  };
}

/** Where to look, and for what. */
export interface StatusRequest extends Expected {
  readonly binding: NativeBinding;
  /** Opens the machine of the binding. */
  readonly open: (report: ReportForeign) => RegistrationMachine;
  readonly options: WriterOptions;
}

function readStatus({ binding, open, options, plan, parts }: StatusRequest): Found {
  const writerId = writerIdOf(options);
  const isElevated = binding.isElevated();
  const foreign = new Set<string>();
  const opened = open((text) => foreign.add(text));
  const { state: record, machine } = readRecord(opened, writerId);
  const inspected = inspectRegistration(
    machine,
    writerId,
    plan,
    // Windows may show its store only to administrators.
    isElevated ? parts : {},
  );
  const { state } = inspected;
  const writer = { writerId, ...readSwitch(binding, writerId) };
  if (isElevated) for (const text of foreignFolder(binding, writerId)) foreign.add(text);
  if (state === "absent") {
    return { record, status: { ...inspected, ...writer, warnings: [...foreign] } };
  }
  const warnings = [...foreign, ...findWarnings(binding, writerId)];
  const addin = isElevated ? readAddin(binding, options) : {};
  return {
    record: isElevated ? record : "not visible",
    status: { ...inspected, ...writer, warnings, ...addin },
  };
}

/** A service that does not run is as good as none, and old code answers for new one. */
async function withService(binding: NativeBinding, status: Status): Promise<Status> {
  const { writerId, writerService } = status;
  if (writerService !== "registered") return status;
  const service = await binding.queryService(serviceNameOf(writerId));
  if (service?.state === "START_PENDING") return status;
  if (service?.state !== "RUNNING") {
    return { ...status, state: "drifted", writerService: "stopped" };
  }
  return isServiceOutdated(binding, writerId, service.processId)
    ? { ...status, state: "drifted", writerService: "outdated" }
    : status;
}

/** Says what a registration comes to, with what was found; changes nothing. */
export async function judgeRegistration(request: StatusRequest): Promise<{
  readonly condition: Condition;
  readonly status: Status;
}> {
  const { record, status: read } = readStatus(request);
  const status = await withService(request.binding, read);
  return { condition: conditionOf({ record, status }), status };
}

/** Decides what a registration comes to: what needs a person first. */
function conditionOf({ record, status: { state, session } }: Found): Condition {
  if (session !== undefined && session.state !== "in progress") return "abandoned restore";
  if (record === "half done") return "half done";
  if (record === "damaged") return "record damaged";
  if (state === "absent") return "not registered";
  if (state !== "registered") return "differs";
  return record === "not visible" ? "not visible" : "as written";
}
