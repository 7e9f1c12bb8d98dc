/** What the tests may replace in the parts of the kit, to bring a fault back. */
import type { Disk } from "../../src/base/disk.ts";
import type { Living } from "../../src/runtime/restore/abandoned.ts";
import type { FindHolders } from "../../src/runtime/restore/holders.ts";
import { Marks, type MarkApi } from "../../src/runtime/restore/journal/mark.ts";
import type { SessionSettings } from "../../src/runtime/restore/journal/step.ts";
import type { JournalStore } from "../../src/runtime/restore/journal/store.ts";
import {
  ServiceControl,
  type ServiceApi,
  type ServiceControlOptions,
} from "../../src/runtime/restore/service-control.ts";
import type { RestoreSession } from "../../src/runtime/restore/session.ts";

export interface Switch {
  readonly disk: (disk: Disk) => Disk;
  readonly marks: (api: MarkApi) => Marks;
  readonly api: (api: ServiceApi) => ServiceApi;
  readonly control: (options: ServiceControlOptions) => ServiceControl;
  readonly settings: (settings: SessionSettings) => SessionSettings;
  readonly store: (store: JournalStore, settings: SessionSettings) => JournalStore;
  readonly findHolders: (find: FindHolders) => FindHolders;
  readonly session: (session: RestoreSession) => RestoreSession;
  /** @param now Milliseconds of virtual time. */
  readonly guardianLiving: (living: Living, now: () => number) => Living;
  readonly mayEndOwner: boolean;
  /** Whether a start type is on the disk when the shim has set it. */
  readonly isStartTypeFlushed: boolean;
}

/** The kit as it is. */
export const noFault: Switch = {
  disk: (disk) => disk,
  marks: (api) => new Marks(api),
  api: (api) => api,
  control: (options) => new ServiceControl(options),
  settings: (settings) => settings,
  store: (store) => store,
  findHolders: (find) => find,
  session: (session) => session,
  guardianLiving: (living) => living,
  mayEndOwner: true,
  isStartTypeFlushed: true,
};
