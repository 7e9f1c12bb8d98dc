/** A process of this machine, distinct from a later process with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * The creation time: the ticks of its FILETIME (100 ns since 1601) in decimal digits. Together with
   * `pid` it identifies one process for ever; Windows reuses ids.
   */
  readonly startedAt: string;
  /** The full path of its program; `""` when Windows does not tell it. */
  readonly image: string;
}

// 1970 as a FILETIME in milliseconds.
const UNIX_EPOCH_MS = 11_644_473_600_000n;
const TICKS_PER_MS = 10_000n;

/** Returns the creation time of a process, in milliseconds since 1970. */
export function startedAtMs({ startedAt }: Pick<ProcessIdentity, "startedAt">): number {
  return Number(BigInt(startedAt) / TICKS_PER_MS - UNIX_EPOCH_MS);
}

/** Formats the known parts of a process for people: `C:\…\wbengine.exe (process 900)`. */
export function showProcess(
  process: { readonly pid?: number | undefined; readonly image?: string | undefined } | null,
): string {
  const { pid, image = "" } = process ?? {};
  if (pid === undefined) return image === "" ? "an unknown process" : image;
  return image === "" ? `process ${pid}` : `${image} (process ${pid})`;
}
