// npm run demo: shows the kit from end to end, with real files, a real service and real COM.

const interrupt = new AbortController();
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
let interruptedBy;

for (const signal of Object.keys(exitCodes)) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    process.stderr.write("\nStopping and cleaning up …\n");
    interrupt.abort();
  });
}

async function loadStory() {
  try {
    return await import("./demo/tell.mjs");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    process.stderr.write("The project is not built yet. Run: npm run setup\n");
    return undefined;
  }
}

const story = await loadStory();
const exitCode = story === undefined ? 1 : await story.tell(interrupt.signal);
process.exitCode = interruptedBy === undefined ? exitCode : exitCodes[interruptedBy];
