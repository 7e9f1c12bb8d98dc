import { errorSentence } from "../../base/error-chain.ts";
import { protectProcess } from "../addin/own-process.ts";
import { errorsTo } from "../events/emit.ts";
import type { NativeBinding } from "../native/binding.ts";
import type { WriterHandlers } from "./define-writer.ts";
import { runFreezeGuardian } from "./guardian.ts";
import { listenTo, type GuardianStreams } from "./guardian-process.ts";
import { formatMessage } from "./guardian-messages.ts";
import {
  openFreezeJournal,
  openWriterEvents,
  openWriterParts,
  takeGuardianPlace,
  type WriterManifest,
} from "./writer-parts.ts";

export interface GuardWriterOptions {
  readonly api: NativeBinding;
  readonly manifest: WriterManifest;
  /** Loads the handlers. */
  readonly load: () => Promise<WriterHandlers>;
  readonly moduleUrl: string;
  /** @defaultValue those of this process */
  readonly streams?: GuardianStreams;
}

// A guardian of an earlier service may have to thaw before it ends.
const PLACE_MS = 10_000;

/**
 * Runs as the guardian of a writer's service until the service needs none.
 *
 * @returns The exit code: 1 when the application may still be frozen.
 */
export async function guardWriter(options: GuardWriterOptions): Promise<number> {
  const { api, manifest, load } = options;
  const { input, output } = options.streams ?? { input: process.stdin, output: process.stdout };
  const events = openWriterEvents(api, manifest, "guardian");
  const allowExit = protectProcess(events.emit);
  try {
    // Before the place: a guardian without its handler could not thaw.
    const handlers = await load();
    const parts = openWriterParts({ ...options, handlers }, events);
    const end = await runFreezeGuardian({
      takePlace: () => takeGuardianPlace(api, manifest.writerId, { events, timeoutMs: PLACE_MS }),
      listen: (listener) => listenTo(input, listener),
      report: (report) => void output.write(formatMessage(report)),
      // What its service writes is of this boot.
      journal: openFreezeJournal(api, manifest.writerId, { boot: null, emit: events.emit }),
      thaw: parts,
      events,
      after: parts.after,
    });
    return end === "done" ? 0 : 1;
  } catch (error) {
    errorsTo(events.emit)(`The guardian of the writer ended: ${errorSentence(error)}`);
    return 1;
  } finally {
    allowExit();
  }
}
