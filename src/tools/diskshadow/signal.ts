/** How the command file of diskshadow says that the shadow copy exists, and waits for its use. */
import { createServer, type Server, type Socket } from "node:net";

import { ALIAS_PREFIX, isShadowId } from "./script.ts";

/** The variables with which the command file finds this process. */
export const PIPE_VARIABLE = "WSB_ADDIN_PIPE";
export const SECRET_VARIABLE = "WSB_ADDIN_SECRET";
export const NODE_VARIABLE = "WSB_ADDIN_NODE";

/** The command file: cmd.exe reads nothing from it but names. */
export const COMMAND_TEXT = `@"%${NODE_VARIABLE}%" "%~dp0wait.mjs"\r\n`;

/** The script that the command file runs: it ends when the other end of the pipe says so. */
export const WAIT_TEXT = `import { connect } from "node:net";

const { ${PIPE_VARIABLE}: pipe, ${SECRET_VARIABLE}: secret } = process.env;
const ids = Object.entries(process.env).filter(([name]) =>
  name.toUpperCase().startsWith("${ALIAS_PREFIX}"),
);
process.exitCode = 1;
const socket = connect(pipe);
socket.write(JSON.stringify({ secret, ids: Object.fromEntries(ids) }) + "\\n");
socket.setEncoding("utf8").on("data", (answer) => {
  if (answer.startsWith("done")) process.exitCode = 0;
  socket.end();
});
socket.on("error", () => {});
`;

// What the command file says is short.
const MAX_CHARACTERS = 64 * 1024;

/** The ids of the shadow copies, by the names of {@link aliasOf}. */
export type ShadowIds = ReadonlyMap<string, string>;

/** Waits for the command file of one shadow copy. */
export class ShadowSignal {
  readonly #server: Server;
  readonly #secret: string;
  readonly #sockets = new Set<Socket>();
  /** Resolves when the shadow copy exists. Does not reject. */
  readonly created: Promise<ShadowIds>;
  #create: (ids: ShadowIds) => void = () => {};
  #waiting: Socket | undefined;

  private constructor(secret: string) {
    this.#secret = secret;
    this.created = new Promise((resolve) => {
      this.#create = resolve;
    });
    this.#server = createServer((socket) => this.#listen(socket));
  }

  /**
   * Opens a pipe. Every process can list its name, so that only who knows the secret is heard.
   *
   * @throws The system's error, such as for a name that is taken.
   */
  static async open(pipe: string, secret: string): Promise<ShadowSignal> {
    const signal = new ShadowSignal(secret);
    await new Promise<void>((resolve, reject) => {
      signal.#server.once("error", reject).listen(pipe, resolve);
    });
    return signal;
  }

  /** Lets the command file end, and so the shadow copy. */
  finish(): void {
    this.#waiting?.end("done\n");
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(socket: Socket): void {
    this.#sockets.add(socket);
    let text = "";
    socket.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.length > MAX_CHARACTERS) socket.destroy();
      else if (text.endsWith("\n")) this.#hear(socket, text);
    });
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #hear(socket: Socket, text: string): void {
    const ids = readIds(text, this.#secret);
    if (ids === undefined || this.#waiting !== undefined) {
      socket.destroy();
      return;
    }
    this.#waiting = socket;
    this.#create(ids);
  }
}

function readIds(text: string, secret: string): ShadowIds | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  if (!("secret" in said) || said.secret !== secret) return undefined;
  if (!("ids" in said) || typeof said.ids !== "object" || said.ids === null) return undefined;
  const ids = Object.entries(said.ids).map(([name, id]) => [name.toUpperCase(), id] as const);
  return new Map(ids.filter((entry): entry is readonly [string, string] => isShadowId(entry[1])));
}
