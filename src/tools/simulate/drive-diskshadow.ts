import { errorText } from "../../base/errors.ts";
import type { SimulatedVolume } from "./parts.ts";
import type { Steps } from "./steps.ts";
import {
  makeShadowCopy,
  type DiskshadowOptions,
  type ShadowCopySet,
  type ShadowDevices,
} from "../diskshadow/make-shadow-copy.ts";

/** What is done while the shadow copies exist. */
export interface WithShadow {
  /** Copies from the shadow copies. Returns `false` when it failed. */
  readonly copy: (devices: ShadowDevices) => Promise<boolean>;
  readonly check: (volumes: readonly SimulatedVolume[]) => Promise<void>;
}

/**
 * Lets Windows make the backup: diskshadow.exe asks the writers and makes shadow copies, from which
 * the files are copied and which the add-in checks.
 */
export async function driveDiskshadow(
  steps: Steps,
  options: DiskshadowOptions,
  { copy, check }: WithShadow,
): Promise<void> {
  const made = await take(steps, "diskshadow", () => makeShadowCopy(options));
  if (!made.isDone) return;
  const shadow = made.value;
  try {
    if (await copy(shadow.devices)) await check(volumesIn(shadow));
  } finally {
    await take(steps, "diskshadow ends", () => shadow.end());
  }
}

function volumesIn({ devices }: ShadowCopySet): readonly SimulatedVolume[] {
  return [...devices].map(([source, device]) => ({ source, snapshot: `${device}\\` }));
}

type Taken<T> =
  | { readonly isDone: true; readonly value: T }
  | { readonly isDone: false; readonly why: string };

/** Takes a step that fails with a sentence instead of a code. */
function take<T>(steps: Steps, step: string, work: () => Promise<T>): Promise<Taken<T>> {
  return steps.take({
    step,
    async run(): Promise<Taken<T>> {
      try {
        return { isDone: true, value: await work() };
      } catch (error) {
        return { isDone: false, why: errorText(error) };
      }
    },
    describe: (taken) => (taken.isDone ? { failed: false } : { failed: true, detail: taken.why }),
  });
}
