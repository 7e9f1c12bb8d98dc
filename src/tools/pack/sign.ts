import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runTool } from "../../base/child-process.ts";
import { WsbError } from "../../base/errors.ts";

/** Who signs, and how. */
export interface SignOptions {
  /** PKCS#12 file; on Windows the machine's certificates are searched without one. */
  readonly certificate?: string | undefined;
  /** Environment variable that holds the file's password. */
  readonly passwordVariable: string;
  /** SHA-1 of a certificate in a store of Windows, as its dialog shows it. */
  readonly thumbprint?: string | undefined;
  /** Address of a time stamp server (RFC 3161). */
  readonly timestampUrl?: string | undefined;
}

/** A signing program and its arguments; no secret is among them. */
export interface SignCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The program writes another file, which then takes the place of the first. */
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
 * Says what signs a file: signtool on Windows, osslsigncode elsewhere.
 *
 * @param name What Windows shows for the file when it asks its user.
 * @param passwordFile Holds the password, when there is one.
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
 * Refuses what the signing program of this system cannot do.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT`.
 */
export function checkSigning(
  options: SignOptions,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): void {
  const hasPassword = environment[options.passwordVariable] !== undefined;
  if (platform === "win32" && hasPassword) {
    throw usage(
      `signtool takes a password on its command line alone, where every process of the machine can read it. Import the certificate into a store of Windows, name it with --thumbprint and unset ${options.passwordVariable}.`,
    );
  }
  if (platform !== "win32" && options.certificate === undefined) {
    throw usage("osslsigncode needs a PKCS#12 file. Name it with --certificate.");
  }
  if (platform !== "win32" && options.thumbprint !== undefined) {
    throw usage("--thumbprint names a certificate in a store of Windows. Give --certificate.");
  }
}

/**
 * Signs a file in its place. A password reaches the program through a file that only this user can
 * read and that is gone afterwards.
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
        "Look at certificate and password; signtool comes with the Windows SDK, osslsigncode is a package of Debian.",
      signal,
    });
    if (output !== undefined) renameSync(output, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
