import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { compare, type Result } from "../result.ts";
import type { Measure } from "./measure.ts";
import { alternate, millisecondsOf } from "./timed.ts";

const CREATE_VITE = "9.3.0";

const execute = promisify(execFile);

async function npm(folder: string, args: readonly string[]): Promise<string> {
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { stdout } = await execute("npm", [...args, ...quiet], { cwd: folder });
  return stdout;
}

/** Installs a package into a folder of its own, unless it is there. */
async function install(folder: string, spec: string): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await npm(folder, ["install", "--save-exact", spec]);
}

/** How many packages are in a folder's node_modules. */
function installedPackages(folder: string): number {
  const lock: { readonly packages: object } = JSON.parse(
    readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8"),
  );
  return Object.keys(lock.packages).length;
}

/** Scaffolding a project with the programs as npm installs them, beside create-vite. */
export const scaffolding: Measure = {
  name: "scaffolding",
  peer: `create-vite ${CREATE_VITE}`,
  async run({ root, bed, isQuick }): Promise<readonly Result[]> {
    const peer = join(root, "build", "bench", `create-vite-${CREATE_VITE}`);
    await install(peer, `create-vite@${CREATE_VITE}`);
    const ours = join(bed.folder, "create-wsb-addin");
    mkdirSync(ours);
    const tarball = (
      await npm(join(root, "generator"), ["pack", "--pack-destination", ours])
    ).trim();
    await install(join(ours, "installed"), join(ours, tarball));

    const run = async (program: string, args: readonly string[]): Promise<number> => {
      const folder = mkdtempSync(join(bed.folder, "scaffold-"));
      const time = await millisecondsOf(() =>
        execute(process.execPath, [program, "project", ...args], { cwd: folder }),
      );
      rmSync(folder, { recursive: true });
      return time;
    };
    const ourProgram = join(
      ours,
      "installed",
      "node_modules",
      "create-wsb-addin",
      "dist",
      "cli.cjs",
    );
    const peerProgram = join(peer, "node_modules", "create-vite", "index.js");
    const scaffold = (): Promise<number> => run(ourProgram, ["--yes"]);
    const scaffoldPeer = (): Promise<number> =>
      run(peerProgram, ["--template", "vanilla-ts", "--no-interactive"]);
    await scaffold();
    await scaffoldPeer();
    const pair = await alternate(isQuick ? 10 : 60, scaffold, scaffoldPeer);
    const packages = {
      ours: [[installedPackages(join(ours, "installed"))]],
      peer: [[installedPackages(peer)]],
    };
    return [
      compare({ name: "Scaffolding a project", unit: "ms", goal: 1 }, pair),
      compare({ name: "Packages that the scaffolder installs", unit: "", goal: 1 }, packages),
    ];
  },
};
