/**
 * Runs in the lab's node.exe, with an environment that leads elsewhere: prints the folders that the
 * kit uses.
 */
import { kitFolder } from "../../../src/base/program-data.ts";
import { loadBinding } from "../../../src/runtime/native/binding.ts";

process.env["ProgramData"] = "C:\\users\\mallory";
process.env["SystemRoot"] = "C:\\users\\mallory";
loadBinding();
console.log(kitFolder());
console.log(process.env["SystemRoot"]);
