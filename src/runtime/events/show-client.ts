/** A client by its program and process, as far as they are known. */
export function showClient(pid: number | undefined, image: string | undefined): string | undefined {
  if (pid === undefined) return image;
  return image === undefined ? `process ${pid}` : `${image} (process ${pid})`;
}
