/**
 * Runs in the lab's node.exe and executes the requests of a test over a loopback connection: the
 * tests run on Linux, the tested code on Windows.
 */
import { createInterface } from "node:readline";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";

import { loadManifest } from "../../../src/runtime/manifest/load.ts";
import { runHandlerProcess } from "../../../src/runtime/addin/run-handler.ts";
import { loadBinding, type ServiceWatch } from "../../../src/runtime/native/binding.ts";
import { bootTasksOn } from "../../../src/tools/registration/boot-task.ts";
import { findWritablePaths } from "../../../src/tools/registration/folder-check.ts";
import { openMachine } from "../../../src/tools/registration/machine.ts";
import { planRegistration } from "../../../src/tools/registration/plan.ts";
import {
  applyRegistration,
  recoverRegistration,
  removeRegistration,
} from "../../../src/tools/registration/register.ts";
import { runTransition } from "./transition.ts";
import { mapObjects, type AgentFunctions, type AgentRequest } from "./lab-agent-protocol.ts";

const binding = loadBinding();
const tasks = bootTasksOn(binding, console.error);

function dumpKey(path: string): readonly string[] {
  const content = binding.readRegistryKey(path);
  if (content === null) return [];
  const values = content.values.map((name) => {
    const value = binding.readRegistryValue(path, name);
    return `${path} | ${name} | ${value?.type} ${Buffer.from(value?.data ?? []).toString("hex")}`;
  });
  return [path, ...values, ...content.subkeys.flatMap((name) => dumpKey(`${path}\\${name}`))];
}

const registered = new Set<string>();
let aborting = new AbortController();
const starts: string[] = [];
let watch: ServiceWatch | undefined;
// One after the other, because working folder and output belong to the whole process.
let lastCommand: Promise<unknown> = Promise.resolve();

const functions: AgentFunctions = {
  processId: () => process.pid,
  isAlive(pid) {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  },
  untilExit: (pid, startedAt) => binding.waitForProcessExit(pid, startedAt).exited,
  async staysClosed(pid, startedAt) {
    const closed = binding.waitForProcessExit(pid, startedAt);
    closed.close();
    closed.close();
    await binding.waitForProcessExit(pid, startedAt).exited;
    return Promise.race([closed.exited.then(() => false), setImmediate(true)]);
  },
  kill(pid) {
    process.kill(pid, "SIGKILL");
  },
  async changeService(name, { wanted, timeoutMs = 30_000, cancelAfterMs }) {
    const startedMs = performance.now();
    const change = binding.changeService(name, wanted, timeoutMs);
    if (cancelAfterMs !== undefined) setTimeout(() => change.cancel(), cancelAfterMs);
    const end = await change.ended;
    change.cancel();
    return { ...end, durationMs: performance.now() - startedMs };
  },
  async watchServices(names) {
    watch?.close();
    watch?.close();
    watch = await binding.watchServices(names, (name) => starts.push(name));
  },
  takeStarts: () => starts.splice(0),
  async register(manifestFile, serverScript) {
    const manifest = loadManifest(manifestFile);
    const plan = planRegistration(manifest, { nodeExe: process.execPath, serverScript });
    registered.add(manifest.writerId);
    const { changed } = await applyRegistration(
      openMachine(binding, console.error),
      manifest.writerId,
      plan,
    );
    return changed;
  },
  async unregister(writerId) {
    return (await removeRegistration(openMachine(binding, console.error), writerId)).changed;
  },
  failAt: (command, manifestFile, serverScript, position) =>
    runTransition(binding, {
      command,
      manifestFile,
      serverScript,
      position,
      onPosition: () => {
        throw Object.assign(new Error("Access is denied."), { hresult: 0x80070005, api: "test" });
      },
    }),
  async unregisterAll() {
    for (const writerId of registered)
      await removeRegistration(openMachine(binding, console.error), writerId);
  },
  runCommand(args, folder = process.cwd()) {
    const result = lastCommand.then(async () => {
      // Imported late, because it loads the whole command line and most agents do not need it.
      const { runCommandHere } = await import("../command-here.ts");
      return runCommandHere(args, folder);
    });
    lastCommand = result.catch(() => {});
    return result;
  },
  recover: (writerId) => recoverRegistration(openMachine(binding, console.error), writerId),
  findWritablePaths: (paths) => findWritablePaths(binding, paths),
  async runHandler(server, name, request, timeoutMs) {
    const command = server.endsWith(".exe")
      ? { program: server, args: [] }
      : { program: process.execPath, args: [server] };
    return runHandlerProcess(command, name, request, {
      startProcess: (options) => binding.startProcess(options),
      emit: () => {},
      timeoutMs,
      signal: aborting.signal,
    });
  },
  abortHandlers() {
    aborting.abort(new Error("aborted by the test"));
    aborting = new AbortController();
  },
  readTask: (clsid) => tasks.read(clsid),
  createTask: (clsid, xml) => tasks.create(clsid, xml),
  removeTask: (clsid) => tasks.remove(clsid),
  dumpRegistry: (paths) => paths.flatMap(dumpKey),
};

type Target = Record<string, unknown>;
const objects = new Map<number, Target>();

/** Replaces an object with methods by a number; the object stays here. */
function encode(value: unknown): unknown {
  return mapObjects(value, (object) => {
    if (object instanceof Uint8Array) return { $bytes: Buffer.from(object).toString("base64") };
    if (!Object.values(object).some((one) => typeof one === "function")) return object;
    const id = objects.size + 1;
    objects.set(id, object);
    return { $object: id };
  });
}

function decode(value: unknown): unknown {
  return mapObjects(value, (object) =>
    typeof object["$bytes"] === "string"
      ? new Uint8Array(Buffer.from(object["$bytes"], "base64"))
      : object,
  );
}

async function answer({ target, method, args }: AgentRequest): Promise<unknown> {
  const owner =
    target === "binding"
      ? (binding as unknown as Target)
      : target === "agent"
        ? (functions as unknown as Target)
        : (objects.get(target) ?? {});
  const called = owner[method];
  if (typeof called !== "function") throw new Error(`there is no ${method}`);
  return encode(await Reflect.apply(called, owner, args.map(decode)));
}

const socket = connect(Number(process.argv[2]), "127.0.0.1");
socket.setNoDelay();
// The test has ended, so the agent ends too.
socket.on("close", () => process.exit());
createInterface({ input: socket }).on("line", (line) => {
  const request = JSON.parse(line) as AgentRequest;
  const send = (response: object): void => {
    socket.write(`${JSON.stringify({ id: request.id, ...response })}\n`);
  };
  answer(request).then(
    (value) => send({ value: value ?? null, isUndefined: value === undefined }),
    (error: Error) => send({ error: Object.assign({ message: error.message }, error) }),
  );
});
