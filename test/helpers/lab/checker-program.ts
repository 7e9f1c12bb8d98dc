/**
 * A checker for the lab tests, run by node.exe. Its first argument is the file for its output, its
 * second the behaviour.
 */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { win32 } from "node:path";
import { stdin } from "node:process";
import { text } from "node:stream/consumers";

const [, , callsFile = "", behaviour = "", snapshot = "", ...args] = process.argv;
const [what = "", argument = ""] = behaviour.split(":");

// Ends after a while, in case a test does not end it.
const LIFE_MS = 120_000;
const HOLD = `setTimeout(() => {}, ${LIFE_MS})`;

function record(call: Readonly<Record<string, unknown>>): void {
  appendFileSync(callsFile, `${JSON.stringify({ pid: process.pid, ...call })}\n`);
}

/** Starts a program that runs until it is killed; `detached` like a service host. */
function startChild(detached: boolean): number | undefined {
  const child = spawn(process.execPath, ["-e", HOLD], {
    stdio: detached ? "ignore" : "inherit",
    detached,
  });
  if (detached) child.unref();
  return child.pid;
}

switch (what) {
  case "exit":
    console.log("checking");
    console.error("page 17 torn");
    process.exitCode = Number(argument);
    break;
  case "hold":
    console.log("holding");
    record({ method: "holding", behaviour, child: startChild(false), other: startChild(true) });
    setTimeout(() => {}, LIFE_MS);
    break;
  case "leave":
    record({ method: "left", behaviour, child: startChild(false), other: startChild(true) });
    // The first child inherits this process's handles and would keep it open.
    process.exit(0);
    break;
  case "echo":
    console.log(JSON.stringify({ args, cwd: process.cwd(), variable: process.env["Ledger"] }));
    break;
  case "flood":
    process.stdout.write(`${"\u00E4".repeat(1_000_000)}the end`);
    break;
  case "oem":
    // "ä" in the console's code pages 437 and 850, which is not valid UTF-8.
    process.stdout.write(new Uint8Array([0x84]));
    break;
  case "stdin":
    console.log(JSON.stringify(await text(stdin)));
    break;
  case "read":
    console.log(readFileSync(win32.join(snapshot, argument), "utf8"));
    break;
  default:
    process.exitCode = 99;
}
