/** A process of this machine, distinct from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * Creation time: the ticks of its FILETIME (100 ns since 1601) in decimal digits. Together with
   * `pid` it names one process for ever; Windows uses ids again.
   */
  readonly startedAt: string;
  /** Full path of its program; `""` when Windows does not tell. */
  readonly image: string;
}

/** Writes a process for people, as far as it is known: `C:\…\wbengine.exe (process 900)`. */
export function showProcess(
  process: { readonly pid?: number | undefined; readonly image?: string | undefined } | null,
): string {
  const { pid, image = "" } = process ?? {};
  if (pid === undefined) return image === "" ? "an unknown process" : image;
  return image === "" ? `process ${pid}` : `${image} (process ${pid})`;
}
