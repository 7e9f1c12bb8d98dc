import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { Lab } from "../../../src/tools/lab/lab.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { killProcesses, processesWith, type LabProcess } from "../../../src/tools/lab/processes.ts";
import { runInLab } from "../../../src/tools/lab/run.ts";
import {
  mapObjects,
  type AgentFunctions,
  type AgentResponse,
  type Remote,
  type RemoteBinding,
} from "./lab-agent-protocol.ts";
import { labProgram } from "./lab-programs.ts";

/** A process in the lab that executes a test's requests. */
export interface Agent extends Remote<AgentFunctions> {
  readonly binding: RemoteBinding;
  /**
   * Ends the process at once, like a client that crashes, and resolves when it has ended.
   * Unregisters its registrations first.
   */
  end(): Promise<void>;
  /**
   * Kills the process from outside, and resolves when it has ended. Wine's own TerminateProcess
   * sometimes fails to end a process during a call and leaves its connections open.
   */
  crash(): Promise<void>;
}

// Starts a program without the rights of an administrator.
const unelevated = fileURLToPath(
  new URL("../../../prebuilds/win32-x64/lab/wsb-lab-unelevated.exe", import.meta.url),
);

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts an agent, elevated or not, and waits until it answers. */
export async function startAgent(lab: Lab, rights?: "unelevated"): Promise<Agent> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const controller = new AbortController();
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const args = [toWindowsPath(lab, labProgram("lab-agent")), String(port)];
  const [starter, starterArgs] =
    rights === undefined
      ? [lab.nodeExe, args]
      : [toWindowsPath(lab, unelevated), [lab.nodeExe, ...args]];
  const program = runInLab(lab, starter, starterArgs, {
    signal: controller.signal,
    onStdout: keep,
    onStderr: keep,
  }).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
    return 0;
  });
  const [socket] = (await Promise.race([
    once(server, "connection"),
    program.then((code) => {
      throw new Error(`the agent ended with ${code}: ${output}`);
    }),
  ])) as [Socket];
  server.close();
  const processIs = ({ commandLine }: LabProcess): boolean =>
    commandLine.includes("node.exe") && commandLine.endsWith(args.join(" "));
  return makeAgent(socket, {
    async end() {
      socket.destroy();
      await program;
    },
    async crash(processId) {
      if (lab.kind === "machine") process.kill(await processId(), "SIGKILL");
      else await killProcesses(processesWith("WINEPREFIX", lab.prefix).filter(processIs));
      await program;
    },
  });
}

interface Ending {
  end(): Promise<void>;
  crash(processId: () => Promise<number>): Promise<void>;
}

function makeAgent(socket: Socket, ending: Ending): Agent {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const call = (target: unknown, method: string, args: readonly unknown[]): Promise<unknown> => {
    lastId += 1;
    const encoded = args.map((arg) =>
      mapObjects(arg, (object) =>
        object instanceof Uint8Array ? { $bytes: Buffer.from(object).toString("base64") } : object,
      ),
    );
    if (socket.destroyed) return Promise.reject(new Error("the agent has ended"));
    socket.write(`${JSON.stringify({ id: lastId, target, method, args: encoded })}\n`);
    return new Promise((resolve, reject) => {
      waiting.set(lastId, { resolve, reject });
    });
  };
  const remote = (target: unknown): object =>
    new Proxy(
      {},
      {
        // `await` asks a remote object for `then`; it is not a Promise.
        get: (_, method) =>
          method === "then"
            ? undefined
            : (...args: readonly unknown[]) => call(target, String(method), args),
      },
    );
  const decode = (value: unknown): unknown =>
    mapObjects(value, (object) => {
      if (typeof object["$bytes"] === "string") {
        return new Uint8Array(Buffer.from(object["$bytes"], "base64"));
      }
      return typeof object["$object"] === "number" ? remote(object["$object"]) : object;
    });
  createInterface({ input: socket }).on("line", (line) => {
    const response = JSON.parse(line) as AgentResponse & { isUndefined?: boolean };
    const waiter = waiting.get(response.id);
    waiting.delete(response.id);
    if ("error" in response) {
      waiter?.reject(Object.assign(new Error(response.error.message), response.error));
    } else {
      waiter?.resolve(response.isUndefined === true ? undefined : decode(response.value));
    }
  });
  socket.on("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the agent has ended"));
  });
  const functions = remote("agent") as Remote<AgentFunctions>;
  let hasRegistered = false;
  return {
    binding: remote("binding") as RemoteBinding,
    processId: () => functions.processId(),
    isAlive: (pid) => functions.isAlive(pid),
    untilExit: (pid, startedAt) => functions.untilExit(pid, startedAt),
    staysClosed: (pid, startedAt) => functions.staysClosed(pid, startedAt),
    kill: (pid) => functions.kill(pid),
    changeService: (name, request) => functions.changeService(name, request),
    watchServices: (names) => functions.watchServices(names),
    takeStarts: () => functions.takeStarts(),
    register: (manifest, script) => {
      hasRegistered = true;
      return functions.register(manifest, script);
    },
    unregister: (writerId) => functions.unregister(writerId),
    failAt: (command, manifest, script, position) =>
      functions.failAt(command, manifest, script, position),
    unregisterAll: () => functions.unregisterAll(),
    runCommand: (...args) => functions.runCommand(...args),
    recover: (writerId) => functions.recover(writerId),
    findWritablePaths: (paths) => functions.findWritablePaths(paths),
    runHandler: (...args) => functions.runHandler(...args),
    abortHandlers: () => functions.abortHandlers(),
    readTask: (clsid) => functions.readTask(clsid),
    createTask: (clsid, xml) => functions.createTask(clsid, xml),
    removeTask: (clsid) => functions.removeTask(clsid),
    dumpRegistry: (paths) => functions.dumpRegistry(paths),
    async end() {
      // An agent that was killed meanwhile cannot answer.
      if (hasRegistered) await functions.unregisterAll().catch(() => {});
      await ending.end();
    },
    crash: () => ending.crash(() => functions.processId()),
  };
}
