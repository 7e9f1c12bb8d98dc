import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const CHUNK_BYTES = 64 * 1024;

/** A reader of a growing file that passes on new text. */
export class FileFollower {
  readonly #descriptor: number;
  readonly #onText: (text: string) => void;
  readonly #decoder: StringDecoder = new StringDecoder("utf8");
  readonly #buffer: Buffer = Buffer.alloc(CHUNK_BYTES);
  #position = 0;

  constructor(path: string, onText: (text: string) => void) {
    this.#descriptor = openSync(path, "r");
    this.#onText = onText;
  }

  /** Passes on the text that was written since the last call. */
  read(): void {
    for (;;) {
      const sizeBytes = readSync(this.#descriptor, this.#buffer, 0, CHUNK_BYTES, this.#position);
      if (sizeBytes === 0) return;
      this.#position += sizeBytes;
      this.#pass(this.#decoder.write(this.#buffer.subarray(0, sizeBytes)));
    }
  }

  /** Passes on the remaining text. */
  close(): void {
    this.read();
    this.#pass(this.#decoder.end());
    closeSync(this.#descriptor);
  }

  #pass(text: string): void {
    if (text !== "") this.#onText(text);
  }
}
