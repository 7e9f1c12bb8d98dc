import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { startRegistry } from "../../test/helpers/loopback-registry.ts";
import { compare, type Result } from "../result.ts";
import type { Measure } from "./measure.ts";
import { alternate, millisecondsOf } from "./timed.ts";

const CREATE_VITE = "9.3.0";

const execute = promisify(execFile);

/** An installed scaffolder and its command. */
interface Scaffolder {
  /** The name of its package without `create-`. */
  readonly name: string;
  /** The folder with its node_modules. */
  readonly installed: string;
  readonly program: string;
  readonly flags: readonly string[];
}

async function npm(
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const { stdout } = await execute("npm", [...quiet, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  return stdout;
}

/** Installs a package into its own folder unless it is already installed. */
async function install(folder: string, spec: string): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  await npm(folder, ["install", "--save-exact", spec]);
}

async function installOurs(root: string, folder: string): Promise<Scaffolder> {
  const tarball = await npm(join(root, "generator"), ["pack", "--pack-destination", folder]);
  const installed = join(folder, "installed");
  await install(installed, join(folder, tarball.trim()));
  const program = join(installed, "node_modules", "create-wsb-addin", "dist", "cli.cjs");
  return { name: "wsb-addin", installed, program, flags: ["--yes"] };
}

async function installPeer(root: string): Promise<Scaffolder> {
  const installed = join(root, "build", "bench", `create-vite-${CREATE_VITE}`);
  await install(installed, `create-vite@${CREATE_VITE}`);
  const program = join(installed, "node_modules", "create-vite", "index.js");
  return {
    name: "vite",
    installed,
    program,
    flags: ["--template", "vanilla-ts", "--no-interactive"],
  };
}

/** Counts the packages in a folder's node_modules. */
function countPackages({ installed }: Scaffolder): number {
  const lock: { readonly packages: object } = JSON.parse(
    readFileSync(join(installed, "node_modules", ".package-lock.json"), "utf8"),
  );
  return Object.keys(lock.packages).length;
}

/** Publishes both scaffolders to a local registry, and lets npm use that and a separate cache. */
async function publish(
  folder: string,
  scaffolders: readonly Scaffolder[],
): Promise<{ readonly env: NodeJS.ProcessEnv; readonly close: () => Promise<void> }> {
  const names = scaffolders.map(({ name }) => `create-${name}`);
  const registry = await startRegistry(names, "http://127.0.0.1:9/");
  const userConfig = join(folder, "npmrc");
  writeFileSync(userConfig, `${registry.url.replace("http:", "")}:_authToken=anybody\n`);
  const env = {
    npm_config_registry: registry.url,
    npm_config_userconfig: userConfig,
    npm_config_cache: join(folder, "npm-cache"),
    npm_config_update_notifier: "false",
    npm_config_yes: "true",
  };
  for (const { installed, name } of scaffolders) {
    const cwd = join(installed, "node_modules", `create-${name}`);
    await npm(cwd, ["publish", "--tag", "latest"], env);
  }
  return { env, close: () => registry.close() };
}

/** Measures scaffolding a project: with npm, like a person, and only the program. */
export const scaffolding: Measure = {
  name: "scaffolding",
  peer: `create-vite ${CREATE_VITE}`,
  async run({ root, bed, isQuick }): Promise<readonly Result[]> {
    const folder = join(bed.folder, "create-wsb-addin");
    mkdirSync(folder);
    const ours = await installOurs(root, folder);
    const peer = await installPeer(root);
    const registry = await publish(folder, [ours, peer]);
    try {
      const timeIn = async (work: (cwd: string) => Promise<unknown>): Promise<number> => {
        const cwd = mkdtempSync(join(bed.folder, "scaffold-"));
        const time = await millisecondsOf(() => work(cwd));
        rmSync(cwd, { recursive: true });
        return time;
      };
      const create =
        ({ name, flags }: Scaffolder) =>
        (): Promise<number> =>
          timeIn((cwd) =>
            npm(cwd, ["create", `${name}@latest`, "--", "project", ...flags], registry.env),
          );
      const runAlone =
        ({ program, flags }: Scaffolder) =>
        (): Promise<number> =>
          timeIn((cwd) => execute(process.execPath, [program, "project", ...flags], { cwd }));
      // The first run of each side fills the caches of npm and of the system.
      for (const scaffolder of [ours, peer]) {
        await create(scaffolder)();
        await runAlone(scaffolder)();
      }
      const whole = await alternate(isQuick ? 10 : 40, create(ours), create(peer));
      const alone = await alternate(isQuick ? 10 : 60, runAlone(ours), runAlone(peer));
      const packages = { ours: [[countPackages(ours)]], peer: [[countPackages(peer)]] };
      return [
        compare({ name: "Scaffolding a project with npm create", unit: "ms", goal: 1.15 }, whole),
        compare({ name: "Scaffolding a project, without npm", unit: "ms", goal: 1.8 }, alone),
        compare({ name: "Packages that the scaffolder installs", unit: "", goal: 1 }, packages),
      ];
    } finally {
      await registry.close();
    }
  },
};
