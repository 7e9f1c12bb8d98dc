import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

type Fields = Readonly<Record<string, unknown>>;

interface Published {
  readonly version: string;
  /** The published package.json. */
  readonly manifest: Fields;
  readonly tarball: Buffer;
}

export interface LoopbackRegistry {
  readonly url: string;
  /** The names and versions, in the order of publication. */
  readonly published: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts a local registry that accepts `npm publish` of packages with these names, serves them, and
 * redirects npm to `upstream` for every other package.
 */
export async function startRegistry(
  names: readonly string[],
  upstream: string,
): Promise<LoopbackRegistry> {
  const packages = new Map<string, Published>();
  const published: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const name = path.replace(/\.tgz$/u, "");
    if (!names.includes(name)) {
      response.writeHead(302, { location: new URL(path, upstream).href }).end();
      return;
    }
    if (request.method === "PUT") {
      const one = readPublication(await readBody(request));
      packages.set(name, one);
      published.push(`${name}@${one.version}`);
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
      return;
    }
    const found = packages.get(name);
    if (found === undefined) response.writeHead(404).end("{}");
    else if (path.endsWith(".tgz")) response.end(found.tarball);
    else response.end(packument(name, found, `http://${request.headers.host}/${name}.tgz`));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    published,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Fields> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return fieldsOf(JSON.parse(Buffer.concat(chunks).toString("utf8")));
}

function fieldsOf(value: unknown): Fields {
  return Object.fromEntries(Object.entries(Object(value)));
}

/** The request of npm: a version's package.json, and its tarball as base64. */
function readPublication(document: Fields): Published {
  const [version = "", manifest] = Object.entries(fieldsOf(document["versions"]))[0] ?? [];
  const [attachment] = Object.values(fieldsOf(document["_attachments"]));
  const data = fieldsOf(attachment)["data"];
  return {
    version,
    manifest: fieldsOf(manifest),
    tarball: Buffer.from(String(data), "base64"),
  };
}

function packument(name: string, { version, manifest, tarball }: Published, url: string): string {
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  return JSON.stringify({
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball: url, integrity } } },
  });
}
