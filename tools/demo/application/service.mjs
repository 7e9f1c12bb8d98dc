// The application of the demo, "Contoso Ledger": a service that keeps new entries in memory, and
// writes them to its ledger when it is told to hold still, or when it stops.
//
//   node service.mjs install|uninstall <name> <folder>
//   node service.mjs run <name> <folder>      started by the service manager
//
// Its HTTP server on loopback: POST /hold writes all entries and holds later ones, and answers what
// it has written; POST /release lets writes go on; GET / answers its counters.
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { loadBinding } from "../../../dist/runtime/native/binding.js";
import { HEADER_BYTES, countEntries, entry, hashOf, ledgerFile } from "./ledger.mjs";

const YEAR = 2026;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const TICK_MS = 10;
const ENTRIES_PER_TICK = 10;

class Ledger {
  #file;
  #entries;
  /** Entries that exist so far. */
  made;
  /** Those of them that are in the file. */
  written;
  isHeld = false;

  constructor(folder) {
    this.#file = join(folder, "Books", "ledger.dat");
    const content = readFileSync(this.#file);
    this.#entries = [content.subarray(HEADER_BYTES)];
    this.made = countEntries(content);
    this.written = this.made;
  }

  make() {
    const lines = Array.from({ length: ENTRIES_PER_TICK }, (_, index) =>
      entry(YEAR, this.made + index),
    );
    this.#entries.push(Buffer.from(lines.join("")));
    this.made += ENTRIES_PER_TICK;
  }

  /** Writes all entries to the disk, and returns what is in the file then. */
  flush() {
    const content = ledgerFile(Buffer.concat(this.#entries));
    const descriptor = openSync(this.#file, "w");
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.written = this.made;
    return { entries: this.written, sha256: hashOf(content) };
  }

  get counters() {
    const { made, written, isHeld } = this;
    return { made, written, isHeld };
  }
}

function answers(ledger) {
  return {
    "POST /hold": () => {
      ledger.isHeld = true;
      return ledger.flush();
    },
    "POST /release": () => {
      ledger.isHeld = false;
      return ledger.counters;
    },
    "GET /": () => ledger.counters,
  };
}

async function listen(ledger) {
  const known = answers(ledger);
  const server = createServer((request, response) => {
    const answer = known[`${request.method} ${request.url}`];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function runService(binding, name, folder) {
  const stop = new AbortController();
  const host = await binding.runService({
    name,
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: STOP_LIMIT_MS,
    onStop: () => stop.abort(),
  });
  // Nobody else writes into the books while the service runs.
  const lock = await binding.lockFile(join(folder, "Books", "ledger.lock"), Buffer.from(name), 0);
  const ledger = new Ledger(folder);
  const server = await listen(ledger);
  const place = join(folder, "service.json");
  writeFileSync(place, JSON.stringify({ port: server.address().port }));
  const timer = setInterval(() => ledger.make(), TICK_MS);
  host.ready();
  await once(stop.signal, "abort");
  clearInterval(timer);
  server.close();
  server.closeAllConnections();
  rmSync(place, { force: true });
  ledger.flush();
  lock?.release();
  await host.stopped(0);
}

async function install(binding, name, folder) {
  const program = [process.execPath, fileURLToPath(import.meta.url)];
  await binding.installService({
    name,
    displayName: "Contoso Ledger",
    description: "The application of the demo of wsb-addin.",
    commandLine: `${program.map((path) => `"${path}"`).join(" ")} run ${name} "${folder}"`,
    account: "LocalSystem",
    dependsOn: [],
    preshutdownMs: STOP_LIMIT_MS,
    recovery: { restartDelaysMs: [], resetAfterSeconds: 0 },
  });
}

async function uninstall(binding, name) {
  const found = await binding.queryService(name);
  if (found === null) return;
  await binding.changeService(name, "STOPPED", STOP_LIMIT_MS).ended;
  await binding.deleteService(name);
}

const [, , verb, name, folder] = process.argv;
const binding = loadBinding();
if (verb === "install") await install(binding, name, folder);
else if (verb === "uninstall") await uninstall(binding, name);
else await runService(binding, name, folder);
// The service manager has let go of this process.
process.exit();
