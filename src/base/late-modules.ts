// Modules of Node.js that a server needs late or never. Importing them at start costs two megabytes
// and time in which COM waits.

/** Loads `node:crypto`. */
export function lateCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** Loads `node:child_process`. */
export function lateChildProcess(): typeof import("node:child_process") {
  return process.getBuiltinModule("node:child_process");
}

/** Loads `node:inspector`. */
export function lateInspector(): typeof import("node:inspector") {
  return process.getBuiltinModule("node:inspector");
}

/** Loads `node:module`. */
export function lateModule(): typeof import("node:module") {
  return process.getBuiltinModule("node:module");
}
