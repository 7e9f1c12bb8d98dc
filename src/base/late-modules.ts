// Modules of Node.js that a server needs late, or never. To import them costs each start of it two
// megabytes, and time in which COM waits.

/** `node:crypto`. */
export function lateCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** `node:child_process`. */
export function lateChildProcess(): typeof import("node:child_process") {
  return process.getBuiltinModule("node:child_process");
}

/** `node:module`. */
export function lateModule(): typeof import("node:module") {
  return process.getBuiltinModule("node:module");
}
