// Tests all readers of foreign input with generated inputs: npm run fuzz -- [--runs <number>] …
import { fileURLToPath } from "node:url";

import { loadProgram } from "./load-program.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { main } = await loadProgram(root, "fuzz", "test/fuzz/main.ts");
process.exitCode = await main(root, process.argv.slice(2));
