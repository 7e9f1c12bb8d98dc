import type { Abilities } from "./abilities.ts";

/** A lab in Wine: a prefix with the Windows node.exe, the proxy/stub and the test service. */
export interface WineLab {
  readonly kind: "wine";
  readonly folder: string;
  /** The Wine prefix, a Linux path. */
  readonly prefix: string;
  /** The Windows path of node.exe in the prefix. */
  readonly nodeExe: string;
  readonly proxyStub: string;
  readonly service: string;
  readonly nodeVersion: string;
  /** The Wine that the lab was made with. */
  readonly wineVersion: string;
  /** What this Wine can do; empty until it was asked. */
  readonly abilities: Abilities;
}

/** A lab on Windows: the machine. */
export interface MachineLab {
  readonly kind: "machine";
  readonly nodeExe: string;
  readonly proxyStub: string;
  readonly service: string;
  readonly nodeVersion: string;
}

export type Lab = WineLab | MachineLab;

/** The path of node.exe in a prefix; it has a space on purpose, as on most Windows machines. */
export const NODE_EXE = "C:\\Program Files\\nodejs\\node.exe";
const LAB_PROGRAMS = "C:\\Program Files\\wsb-addin-lab";
export const PROXY_STUB: string = `${LAB_PROGRAMS}\\wsb-lab-proxy-stub.dll`;
/** A module that each node.exe loads first, where Wine needs it. */
export const KEEP_ALIVE_MODULE: string = `${LAB_PROGRAMS}\\keep-alive.cjs`;
export const SERVICE: string = `${LAB_PROGRAMS}\\wsb-lab-service.exe`;
/** The stand-in for VSS, in the place of Windows' own. */
export const VSSAPI = "C:\\windows\\system32\\vssapi.dll";

/** What a lab was made from. */
export type WineLabParts = Pick<WineLab, "nodeVersion" | "wineVersion" | "abilities">;

/** Describes the lab in `folder`, up or not. */
export function describeWineLab(folder: string, prefix: string, parts: WineLabParts): WineLab {
  return {
    kind: "wine",
    folder,
    prefix,
    nodeExe: NODE_EXE,
    proxyStub: PROXY_STUB,
    service: SERVICE,
    ...parts,
  };
}
