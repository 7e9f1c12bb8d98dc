import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { mustRun } from "./run.mjs";

// The settings that locate registries. Any other setting of the user could change npm's behaviour.
const REACHING_SETTING =
  /^(?:registry|@[^:]+:registry|\/\/.+|proxy|https-proxy|noproxy|cafile|strict-ssl)$/u;

// Settings of the npm that started this process, which would redirect another npm.
const REDIRECTING_VARIABLE =
  /^npm_config_(?:prefix|local_prefix|global|location|workspaces?|include_workspace_root|dry_run|ignore_scripts|omit|include|userconfig|loglevel|json)$/iu;

/** Returns the command of the npm that runs this script, or of the npm beside node. */
function npmCommand() {
  const besideNode = join(dirname(process.execPath), "node_modules/npm/bin/npm-cli.js");
  const script = [process.env.npm_execpath ?? "", besideNode].find(
    (path) => path.endsWith("npm-cli.js") && existsSync(path),
  );
  return script === undefined ? ["npm"] : [process.execPath, script];
}

/** Reads the settings that locate registries from an npmrc, as environment variables for npm. */
function reachingVariables(npmrc) {
  if (!existsSync(npmrc)) return {};
  const settings = readFileSync(npmrc, "utf8")
    .split(/\r?\n/u)
    .map((line) => /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/u.exec(line) ?? [])
    .filter(([, name, value]) => value !== undefined && REACHING_SETTING.test(name))
    .map(([, name, value]) => [`npm_config_${name}`, value.replace(/^(["'])(.*)\1$/u, "$2")]);
  return Object.fromEntries(settings);
}

/**
 * Returns the environment for an npm that asks nothing and ignores the user's npmrc, except for its
 * registries.
 *
 * @param {string} userConfig An empty file in place of the user's npmrc.
 */
export function npmEnvironment(userConfig) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !REDIRECTING_VARIABLE.test(name) && name !== "FORCE_COLOR",
  );
  return {
    ...reachingVariables(process.env.npm_config_userconfig ?? join(homedir(), ".npmrc")),
    ...Object.fromEntries(kept),
    npm_config_userconfig: userConfig,
    npm_config_yes: "true",
    npm_config_update_notifier: "false",
    NO_COLOR: "1",
  };
}

/** Runs npm in a folder and returns its output. */
export function npm(args, options) {
  return mustRun(`npm ${args.join(" ")}`, [...npmCommand(), ...args], options);
}
