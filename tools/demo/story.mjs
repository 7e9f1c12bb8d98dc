import { paint } from "../../dist/tools/cli/shared/output.js";

const QUIET_MS = 2000;

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** The output of the demo: numbered steps with their times and results. */
export class Story {
  #started = performance.now();
  #step = 0;
  #lastWordAt = 0;

  /** Prints the introduction. */
  begin(text) {
    this.#write(`${text}\n`);
  }

  /** The number of the last step. */
  get stepNumber() {
    return this.#step;
  }

  /** Runs a step under its number and title. */
  async step(title, work) {
    this.#step += 1;
    const number = String(this.#step).padStart(2);
    this.#write(`\n${paint("bold", `${number}  ${title}`)}\n`);
    const started = performance.now();
    const ticker = setInterval(() => this.#tick(started), QUIET_MS / 4);
    try {
      return await work();
    } finally {
      clearInterval(ticker);
      this.#clearTick();
      this.#write(`    ${paint("dim", seconds(performance.now() - started))}\n`);
    }
  }

  /** Prints a sentence below the step's title. */
  say(text) {
    this.#clearTick();
    this.#write(`    ${text}\n`);
  }

  /** Prints a command as a person would type it. */
  showCommand(command) {
    this.say(paint("dim", `$ ${command}`));
  }

  /** Prints a program's output live, each line indented. */
  lines() {
    let rest = "";
    return {
      write: (text) => {
        const parts = (rest + text).split(/\r?\n/u);
        rest = parts.pop();
        for (const line of parts) this.say(`  ${line}`);
      },
      end: () => {
        if (rest !== "") this.say(`  ${rest}`);
        rest = "";
      },
    };
  }

  /** Prints the end. */
  verdict(text, colour) {
    this.#write(`\n${paint(colour, text)}\n`);
  }

  get elapsed() {
    return seconds(performance.now() - this.#started);
  }

  // A step that prints nothing for two seconds shows that it is still running.
  #tick(started) {
    const now = performance.now();
    if (now - Math.max(started, this.#lastWordAt) < QUIET_MS) return;
    const text = `    … ${Math.round((now - started) / 1000)} s`;
    if (process.stdout.isTTY) process.stdout.write(`\r${text}`);
    else this.#write(`${text}\n`);
  }

  #clearTick() {
    if (process.stdout.isTTY) process.stdout.write("\r\u001B[K");
  }

  #write(text) {
    this.#lastWordAt = performance.now();
    process.stdout.write(text);
  }
}
