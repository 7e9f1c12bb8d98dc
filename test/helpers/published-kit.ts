import { appendFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { repository } from "../generator/generator.ts";
import { runProgram } from "./cli.ts";
import { startRegistry, type LoopbackRegistry } from "./loopback-registry.ts";

/** Both packages in their published form. */
export interface PublishedKit {
  readonly registry: LoopbackRegistry;
  /**
   * The environment that points package managers to the registry, without the user's own settings.
   */
  readonly environment: NodeJS.ProcessEnv;
}

async function npmSettings(...names: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await runProgram("npm", ["config", "get", ...names], { cwd: repository });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.slice(line.indexOf("=") + 1));
}

/**
 * Publishes both packages with npm to a registry that it starts.
 *
 * @param folder The folder for npm's files, which outlives the registry.
 */
export async function publishKit(folder: string): Promise<PublishedKit> {
  const [upstream = "", cache = ""] = await npmSettings("registry", "cache");
  const registry = await startRegistry(["wsb-addin", "create-wsb-addin"], upstream);
  const home = mkdtempSync(join(folder, "npm-"));
  // Each test has its own npx installations but shares the cache of downloads.
  const ownCache = join(home, "cache");
  mkdirSync(join(cache, "_cacache"), { recursive: true });
  mkdirSync(ownCache);
  symlinkSync(join(cache, "_cacache"), join(ownCache, "_cacache"));
  const userConfig = join(home, "npmrc");
  writeFileSync(userConfig, "");
  appendFileSync(userConfig, `${registry.url.replace("http:", "")}:_authToken=anybody\n`);
  const environment = {
    npm_config_registry: registry.url,
    npm_config_userconfig: userConfig,
    npm_config_cache: ownCache,
    npm_config_yes: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_prefer_offline: "true",
  };
  await Promise.all(
    [repository, join(repository, "generator")].map(async (cwd) => {
      const args = ["publish", "--ignore-scripts", "--tag", "latest"];
      const { code, stderr } = await runProgram("npm", args, { cwd, env: environment });
      expect(code, stderr).toBe(0);
    }),
  );
  return { registry, environment };
}
