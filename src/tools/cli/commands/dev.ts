import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join, resolve } from "node:path";
import { json as readJson } from "node:stream/consumers";

import { Command, Option } from "commander";

import { boolean } from "../../../base/document/kinds.ts";
import { isObject } from "../../../base/json.ts";
import { SERVER_FILE } from "../../../runtime/manifest/manifest.ts";
import { bundleAddin } from "../../build/bundle-addin.ts";
import { startDeveloperServer, type DeveloperServer } from "../../dev/developer-server.ts";
import { ProjectWatch } from "../../dev/watch-project.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";
import { paint, printError, type Screen } from "../shared/output.ts";
import { requireLab } from "../shared/relay.ts";

const document = commandDocument("Output of dev: it was ended.", {
  ok: boolean.about("Whether the last round was built and its simulation succeeded."),
});

interface DevOptions {
  readonly manifest: string;
  readonly entry: string;
  readonly out: string;
  readonly simulate: "restore" | "backup" | "none";
  readonly inspect?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** What a round of development works with. */
interface Round {
  readonly options: DevOptions;
  readonly manifestFile: string;
  readonly outFolder: string;
  /** Options of `simulate`. */
  readonly simulation: readonly string[];
  readonly screen: Screen;
}

/** What became of a round. */
interface RoundEnd {
  readonly ok: boolean;
  /** The server that its developer debugs; it serves until the next round. */
  readonly server?: DeveloperServer | undefined;
}

/** Runs a command of this program, which prints for itself; with `--json`, stdout is for one document. */
async function runSelf({ json }: DevOptions, args: readonly string[]): Promise<boolean> {
  const [, main = ""] = process.argv;
  const stdout = json === true ? process.stderr.fd : "inherit";
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", stdout, "inherit"] });
  const [code]: unknown[] = await once(child, "close");
  return code === EXIT.done;
}

/** Runs a command of this program with `--json`, and returns what it prints. */
async function askSelf(args: readonly string[]): Promise<unknown> {
  const [, main = ""] = process.argv;
  const child = spawn(process.execPath, [main, ...args, "--json"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return readJson(child.stdout);
}

/** Returns when the add-in recorded its last event; `undefined` without one, or if it cannot be told. */
async function lastRecordMs(manifest: readonly string[]): Promise<number | undefined> {
  try {
    const log = await askSelf(["log", ...manifest, "--last", "1"]);
    const sessions = isObject(log) && Array.isArray(log["sessions"]) ? log["sessions"] : [];
    const last: unknown = sessions.at(-1);
    return isObject(last) ? Date.parse(String(last["ended"])) : undefined;
  } catch {
    return undefined;
  }
}

/** Shows the log of a round. A simulation that did not reach the add-in left an older one. */
async function showLog(
  { options, screen }: Round,
  manifest: readonly string[],
  sinceMs: number,
): Promise<void> {
  const lastMs = await lastRecordMs(manifest);
  if (lastMs !== undefined && lastMs < sinceMs) {
    screen.note("The add-in recorded nothing in this round.");
    return;
  }
  await runSelf(options, ["log", ...manifest, "--last", "1"]);
}

async function build({ options, manifestFile, outFolder, screen }: Round): Promise<void> {
  const entry = resolve(dirname(manifestFile), options.entry);
  await bundleAddin({ manifestFile, entry, outFolder });
  screen.line(paint("bold", `Built ${outFolder}.`));
}

/** Starts the server with a debugger's port, where that was asked for. */
async function serve({ options, outFolder, screen }: Round): Promise<DeveloperServer | undefined> {
  if (options.inspect !== true) return undefined;
  return startDeveloperServer({
    serverScript: join(outFolder, SERVER_FILE),
    lab: process.platform === "win32" ? undefined : requireLab(),
    onOutput: (text) => screen.note(text.trimEnd()),
  });
}

/**
 * Builds, plays the simulation and shows the log with the stack of each failure. What cannot be built
 * or does not serve is shown too: the next change may mend it.
 */
async function playRound(round: Round): Promise<RoundEnd> {
  const { options, manifestFile, simulation, screen } = round;
  let server: DeveloperServer | undefined;
  try {
    await build(round);
    server = await serve(round);
  } catch (error) {
    printError(screen, error);
    return { ok: false };
  }
  const manifest = ["--manifest", manifestFile];
  const play = ["simulate", options.simulate, ...manifest, ...simulation];
  const sinceMs = Date.now();
  const ok = options.simulate === "none" || (await runSelf(options, play));
  // After a simulation that succeeded, the log is of this round; without one, the last is wanted.
  if (ok) await runSelf(options, ["log", ...manifest, "--last", "1"]);
  else await showLog(round, manifest, sinceMs);
  return { ok, server };
}

export function devCommand(): Command {
  const command = new Command("dev")
    .description("at each change: build, play a simulation, show the log")
    .argument("[simulation...]", "after --: options of simulate, such as --metadata <file>")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--entry <file>", "module that exports the add-in", "src/addin.ts")
    .option("--out <folder>", "output folder, relative to the manifest", "dist")
    .addOption(
      new Option("--simulate <what>", "the simulation to play")
        .choices(["restore", "backup", "none"])
        .default("restore"),
    )
    .option("--inspect", "start the server as you, with a port for a debugger on loopback")
    .option("--once", "end after the first round");
  return setAction(command, "anywhere", document, async (options: DevOptions, context) => {
    const { output, signal } = context;
    const manifestFile = manifestPath(options.manifest);
    const projectFolder = dirname(manifestFile);
    const outFolder = resolve(projectFolder, options.out);
    const simulation = command.args;
    const round = { options, manifestFile, outFolder, simulation, screen: output };
    const over = new AbortController();
    const watched = AbortSignal.any([signal, over.signal]);
    const watch = new ProjectWatch({ projectFolder, outFolder, signal: watched });
    let last: RoundEnd = { ok: false };
    try {
      for (;;) {
        last = await playRound(round);
        if (options.once === true || signal.aborted) break;
        output.note("Waiting for a change; Ctrl-C ends.");
        await watch.next();
        // A server that COM has started makes way for the newer build by itself.
        await last.server?.end();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      over.abort();
      await last.server?.end();
    }
    output.json({ ok: last.ok });
    // A person ends the loop; a pipeline asks for one round.
    return last.ok || options.once !== true ? EXIT.done : EXIT.failed;
  });
}
