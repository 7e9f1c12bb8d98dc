// Makes one decision of a restore, a registration or a writer wrong at a time, and shows which ones no test notices:
// npm run test:mutation -- [file or file:line …]
import { fileURLToPath } from "node:url";

import { loadProgram } from "./load-program.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { main } = await loadProgram(root, "mutation", "test/mutation/main.ts");
process.exitCode = await main(root, process.argv.slice(2));
