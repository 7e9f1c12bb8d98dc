import { errorText } from "../../base/errors.ts";
import type { After } from "../addin/call-handler.ts";
import type { HeldEvents } from "../events/held-events.ts";
import type { NativeWriter, NativeWriterEvent } from "../native/vss-writer.ts";
import type { WriterDispatcher } from "./dispatch.ts";
import type { Freezer } from "./freezer.ts";
import { VSS_FREEZE_MS } from "../manifest/writer-settings.ts";
import type { SwitchState, WriterSwitch } from "./switch.ts";

export interface WriterServiceOptions {
  readonly freezer: Pick<Freezer, "recover" | "stop" | "isFrozen" | "failedFreezes" | "forgive">;
  readonly dispatcher: Pick<WriterDispatcher, "deliver">;
  /** Subscribes the writer to backups. */
  readonly subscribe: (
    onEvent: (event: NativeWriterEvent, writer: NativeWriter) => void,
  ) => Promise<NativeWriter>;
  readonly switch: Pick<WriterSwitch, "read" | "turnOff">;
  readonly events: HeldEvents;
  readonly after: After;
  /** The failed freezes in a row after which the writer leaves; `undefined` for never. */
  readonly leaveAfter: number | undefined;
}

// How soon a change of the switch is seen.
const LOOK_MS = 5000;

/** A writer's service: takes part in backups while its switch is on. */
export class WriterService {
  readonly #options: WriterServiceOptions;
  #writer: NativeWriter | undefined;
  #state: SwitchState | undefined;
  #isStopping = false;
  #stopLook: () => void = () => {};
  /** One change after the other. */
  #change: Promise<void> = Promise.resolve();

  constructor(options: WriterServiceOptions) {
    this.#options = options;
  }

  /**
   * Thaws what an earlier service has left frozen, and then subscribes the writer if it is on.
   *
   * @throws {@link WsbError} what VSS refused.
   */
  async start(): Promise<void> {
    await this.#options.freezer.recover();
    await this.#obeySwitch();
    // A freeze that ended its process could not lead to this.
    this.#leaveIfDue();
    this.#lookLater();
  }

  /** Ends what is frozen, and then the subscription. No event comes after it. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#stopLook();
    // The waiting freeze fails and the application is thawed before VSS loses the writer.
    await this.#options.freezer.stop();
    await this.#change;
    await this.#unsubscribe();
  }

  #lookLater(): void {
    this.#stopLook = this.#options.after(LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      await this.#obeySwitch();
    } catch (error) {
      this.#options.events.emit({ event: "message", level: "error", text: errorText(error) });
    }
    if (!this.#isStopping) this.#lookLater();
  }

  /** Changes with the switch, but not during a freeze. */
  #obeySwitch(): Promise<void> {
    const change = this.#change.then(() => this.#changeTo(this.#readSwitch()));
    this.#change = change.catch(() => {});
    return change;
  }

  /** What cannot be read has not changed. */
  #readSwitch(): SwitchState {
    const { events } = this.#options;
    try {
      return this.#options.switch.read();
    } catch (error) {
      if (this.#state === undefined) {
        events.emit({ event: "message", level: "error", text: errorText(error) });
      }
      return this.#state ?? "on";
    }
  }

  async #changeTo(state: SwitchState): Promise<void> {
    const { freezer, events } = this.#options;
    if (state === this.#state || this.#isStopping || freezer.isFrozen) return;
    if (state === "on") await this.#subscribe();
    else {
      await this.#unsubscribe();
      events.emit({ event: "writerOff", reason: state });
    }
    this.#state = state;
  }

  async #subscribe(): Promise<void> {
    const { subscribe, dispatcher, events } = this.#options;
    this.#writer ??= await subscribe((event, writer) => {
      void dispatcher.deliver(event, writer).then(() => this.#afterEvent(event));
    });
    events.emit({ event: "writerStarted" });
  }

  async #unsubscribe(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    await writer.unsubscribe();
    this.#options.events.emit({ event: "writerStopped" });
  }

  /** Leaves when the backup has ended, so that its requester can still ask why it failed. */
  #afterEvent(event: NativeWriterEvent): void {
    if (event.kind !== "request") return;
    const name = event.request.event;
    if (name === "backupShutdown") this.#leaveIfDue();
    // The requester may have died, and VSS allows no backup to wait for longer.
    else if (name === "freeze") this.#options.after(VSS_FREEZE_MS, () => this.#leaveIfDue());
  }

  #leaveIfDue(): void {
    const { freezer, leaveAfter, events } = this.#options;
    const { failedFreezes } = freezer;
    if (leaveAfter === undefined || failedFreezes < leaveAfter) return;
    if (this.#state !== "on" || freezer.isFrozen) return;
    try {
      this.#options.switch.turnOff("failedFreezes");
    } catch (error) {
      // The end of the next backup tries again.
      events.emit({ event: "message", level: "error", text: errorText(error) });
      return;
    }
    freezer.forgive();
    events.emit({ event: "writerLeft", failedFreezes });
    void this.#obeySwitch().catch(() => {});
  }
}
