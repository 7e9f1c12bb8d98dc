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

/** Formats the known parts of a process for people: `C:\…\wbengine.exe (process 900)`. */
export function showProcess(
  process: { readonly pid?: number | undefined; readonly image?: string | undefined } | null,
): string {
  const { pid, image = "" } = process ?? {};
  if (pid === undefined) return image === "" ? "an unknown process" : image;
  return image === "" ? `process ${pid}` : `${image} (process ${pid})`;
}
