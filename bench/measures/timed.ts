import type { Pair } from "../result.ts";

/** Runs `work` and returns its duration in milliseconds. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Measures both sides in turn, in every other round the peer first. */
export async function alternate(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<Pair> {
  const pair = { ours: [] as number[][], peer: [] as number[][] };
  const measureOurs = async (): Promise<void> => {
    pair.ours.push([await ours()]);
  };
  const measurePeer = async (): Promise<void> => {
    pair.peer.push([await peer()]);
  };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [measureOurs, measurePeer] : [measurePeer, measureOurs];
    for (const measure of order) await measure();
  }
  return pair;
}
