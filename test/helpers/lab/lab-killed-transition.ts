/**
 * Runs in the lab's node.exe: registers or unregisters, and is killed right after a change.
 *
 *   node lab-killed-transition.ts register|unregister <manifest> <server.js> <change>
 */
import { writeSync } from "node:fs";

import { loadBinding } from "../../../src/runtime/native/binding.ts";
import { runTransition } from "./transition.ts";

const [command, manifestFile = "", serverScript = "", position] = process.argv.slice(2);
await runTransition(loadBinding(), {
  command: command === "register" ? "register" : "unregister",
  manifestFile,
  serverScript,
  position: Number(position),
  onPosition: (change) => {
    const result = change();
    writeSync(1, `killed after change ${position}\n`);
    process.kill(process.pid, "SIGKILL");
    return result;
  },
});
console.log("completed");
