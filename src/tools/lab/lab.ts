import { NODE_VERSION } from "../download/node.ts";

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
  readonly wineVersion: string;
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
export const SERVICE: string = `${LAB_PROGRAMS}\\wsb-lab-service.exe`;

/** Describes the lab in `folder`, up or not. */
export function describeWineLab(folder: string, prefix: string, wineVersion: string): WineLab {
  return {
    kind: "wine",
    folder,
    prefix,
    nodeExe: NODE_EXE,
    proxyStub: PROXY_STUB,
    service: SERVICE,
    nodeVersion: NODE_VERSION,
    wineVersion,
  };
}
