import { paint } from "../../dist/tools/cli/shared/output.js";

const QUIET_MS = 2000;

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What the demo tells: numbered steps with their times, and below each what it brought. */
export class Story {
  #started = performance.now();
  #step = 0;
  #lastWordAt = 0;

  /** Says what the story is about. */
  begin(text) {
    this.#write(`${text}\n`);
  }

  /** Number of the step that was told last. */
  get stepNumber() {
    return this.#step;
  }

  /** Runs one step of the story under its number and title. */
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

  /** Says a sentence below the step's title. */
  say(text) {
    this.#clearTick();
    this.#write(`    ${text}\n`);
  }

  /** Shows a command as a person would type it. */
  showCommand(command) {
    this.say(paint("dim", `$ ${command}`));
  }

  /** Passes a program's text on as it comes, each line indented. */
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

  /** Ends the story. */
  verdict(text, colour) {
    this.#write(`\n${paint(colour, text)}\n`);
  }

  get elapsed() {
    return seconds(performance.now() - this.#started);
  }

  // A step that says nothing for two seconds says that it is still at it.
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
