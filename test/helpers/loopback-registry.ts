import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createHash } from "node:crypto";

/** A package as `npm pack` made it. */
export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** Its package.json. */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly tarball: string;
}

export interface LoopbackRegistry {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the packages on loopback and sends npm to `upstream` for every other one. */
export async function startRegistry(
  packages: readonly PackedPackage[],
  upstream: string,
): Promise<LoopbackRegistry> {
  const server = createServer((request, response) => {
    answer(packages, upstream, request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answer(
  packages: readonly PackedPackage[],
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = decodeURIComponent(request.url ?? "/").slice(1);
  const [name, isTarball] = path.endsWith(".tgz") ? [path.slice(0, -4), true] : [path, false];
  const found = packages.find((one) => one.name === name);
  if (found === undefined) {
    response.writeHead(302, { location: new URL(path, upstream).href }).end();
    return;
  }
  const bytes = readFileSync(found.tarball);
  if (isTarball) {
    response.end(bytes);
    return;
  }
  const { version, manifest } = found;
  const dist = {
    tarball: `http://${request.headers.host}/${name}.tgz`,
    integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
  };
  response.setHeader("content-type", "application/json");
  response.end(
    JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, name, version, dist } },
    }),
  );
}
