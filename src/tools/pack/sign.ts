import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runTool } from "../../base/child-process.ts";
import { WsbError } from "../../base/errors.ts";

/** The certificate and settings for signing. */
export interface SignOptions {
  /** A PKCS#12 file. Without it, Windows searches the machine's certificates. */
  readonly certificate?: string | undefined;
  /** The environment variable with the file's password. */
  readonly passwordVariable: string;
  /** The SHA-1 of a certificate in a Windows store, as the certificate's dialog shows it. */
  readonly thumbprint?: string | undefined;
  /** The address of a timestamp server (RFC 3161). */
  readonly timestampUrl?: string | undefined;
}

/** A signing program and its arguments, without secrets. */
export interface SignCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The path of the signed copy, which then replaces the file; absent when signing in place. */
  readonly output: string | undefined;
}

function usage(text: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", `${text} Nothing was written.`);
}

function signtool(file: string, name: string, options: SignOptions): SignCommand {
  const { certificate, thumbprint, timestampUrl } = options;
  const by =
    thumbprint !== undefined
      ? ["/sha1", thumbprint]
      : certificate === undefined
        ? ["/a"]
        : ["/f", certificate];
  const stamp = timestampUrl === undefined ? [] : ["/tr", timestampUrl, "/td", "sha256"];
  const args = ["sign", "/fd", "sha256", "/d", name, ...by, ...stamp, file];
  return { program: "signtool.exe", args, output: undefined };
}

function osslsigncode(
  file: string,
  name: string,
  { certificate = "", timestampUrl }: SignOptions,
  passwordFile: string | undefined,
): SignCommand {
  const password = passwordFile === undefined ? [] : ["-readpass", passwordFile];
  const stamp = timestampUrl === undefined ? [] : ["-ts", timestampUrl];
  const output = `${file}.signed`;
  const by = ["-pkcs12", certificate, ...password, "-h", "sha256", "-n", name, ...stamp];
  const args = ["sign", ...by, "-in", file, "-out", output];
  return { program: "osslsigncode", args, output };
}

/**
 * Returns the command that signs a file: signtool on Windows, else osslsigncode.
 *
 * @param name The name that Windows shows when it asks the user for permission.
 * @param passwordFile The path of a file with the password, if there is one.
 */
export function signCommand(
  file: string,
  name: string,
  options: SignOptions,
  passwordFile: string | undefined,
  platform: NodeJS.Platform = process.platform,
): SignCommand {
  return platform === "win32"
    ? signtool(file, name, options)
    : osslsigncode(file, name, options, passwordFile);
}

/**
 * Refuses options that the signing program of this system does not support.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` with the alternative.
 */
export function checkSigning(
  options: SignOptions,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): void {
  const hasPassword = environment[options.passwordVariable] !== undefined;
  if (platform === "win32" && hasPassword) {
    throw usage(
      `signtool accepts a password only on its command line, where every process of the machine can read it. Import the certificate into a Windows store, give its --thumbprint and unset ${options.passwordVariable}.`,
    );
  }
  if (platform !== "win32" && options.certificate === undefined) {
    throw usage("osslsigncode needs a PKCS#12 file. Give it with --certificate.");
  }
  if (platform !== "win32" && options.thumbprint !== undefined) {
    throw usage("--thumbprint works only on Windows. Give a PKCS#12 file with --certificate.");
  }
}

/**
 * Signs a file in place. Passes the password in a temporary file that only this user can read.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the program's output.
 */
export async function signFile(
  file: string,
  name: string,
  options: SignOptions,
  signal?: AbortSignal,
): Promise<void> {
  const password = process.env[options.passwordVariable];
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-sign-"));
  try {
    const passwordFile = password === undefined ? undefined : join(folder, "password");
    if (passwordFile !== undefined) writeFileSync(passwordFile, password ?? "", { mode: 0o600 });
    const { program, args, output } = signCommand(file, name, options, passwordFile);
    await runTool({
      program,
      args,
      cwd: folder,
      env: { [options.passwordVariable]: undefined },
      errorCode: "ERR_WSB_BUILD",
      nextStep:
        "Check the certificate and the password. signtool comes with the Windows SDK; osslsigncode is a Debian package.",
      signal,
    });
    if (output !== undefined) renameSync(output, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
