/** A running instance of a VSS writer, as `vssadmin list writers` shows it. */
export interface WriterInstance {
  readonly name: string;
  /** Its class id, `{UPPER-CASE}`. */
  readonly id: string;
  /** Its instance id, `{UPPER-CASE}`. */
  readonly instanceId: string;
  /** The number of its state, as in VSS_WRITER_STATE; `undefined` if not shown. */
  readonly state: number | undefined;
  /** The text of its state, in the language of Windows. */
  readonly stateText: string;
  /** The text of its last error, in the language of Windows; `""` if not shown. */
  readonly lastError: string;
}

/**
 * Tells what the number of a writer's state means. A writer waits while a backup runs, and after one
 * that did not end.
 *
 * @see https://learn.microsoft.com/windows/win32/api/vss/ne-vss-vss_writer_state
 */
export function writerCondition(
  state: number | undefined,
): "stable" | "waiting" | "failed" | "not shown" {
  if (state === undefined) return "not shown";
  if (state === 1) return "stable";
  return state >= 2 && state <= 5 ? "waiting" : "failed";
}

// At the end of its line: a name may contain an id, but has a quote behind it.
const GUID = /\{[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\}(?=\s*$)/iu;
const STATE = /\[(?<state>\d{1,3})\]\s*(?<text>.*)$/u;
// The quotes of all languages. A name may contain quotes itself.
const QUOTES = /^['"‘’‚‛“”„‟«»‹›「」『』＂＇]|['"‘’‚‛“”„‟«»‹›「」『』＂＇]$/gu;

/** Returns the text behind the label of a line: after the first colon of any width. */
function valueOf(line: string): string {
  return line.replace(/^[^:：]*[:：]/u, "").trim();
}

function nameOf(line: string): string {
  // A label may contain an apostrophe, so the quotes count only behind the colon.
  return valueOf(line).replaceAll(QUOTES, "").trim();
}

/** The lines of one writer: its name, then two ids and what follows them. */
interface Group {
  readonly head: string;
  readonly ids: string[];
  readonly rest: string[];
}

function toInstance({ head, ids, rest }: Group): readonly WriterInstance[] {
  const [id, instanceId] = ids;
  if (id === undefined || instanceId === undefined) return [];
  const place = rest.findIndex((line) => STATE.test(line));
  const { state, text = "" } = STATE.exec(rest[place] ?? "")?.groups ?? {};
  return [
    {
      name: nameOf(head),
      id: id.toUpperCase(),
      instanceId: instanceId.toUpperCase(),
      state: state === undefined ? undefined : Number(state),
      stateText: text.trim(),
      lastError: place === -1 ? "" : valueOf(rest[place + 1] ?? ""),
    },
  ];
}

/**
 * Parses the output of `vssadmin list writers` in any language by what does not differ: the braces
 * around an id, the number in brackets before a state, and the order of the lines of a writer. Its
 * name is on the line before its first id.
 */
export function parseWriters(text: string): readonly WriterInstance[] {
  const groups: Group[] = [];
  let before = "";
  for (const line of text.split(/\r\n|\r|\n/u).filter((one) => one.trim() !== "")) {
    const id = GUID.exec(line)?.[0];
    const current = groups.at(-1);
    if (id === undefined) {
      current?.rest.push(line);
      before = line;
    } else if (current?.ids.length === 1 && current.rest.length === 0) current.ids.push(id);
    else groups.push({ head: before, ids: [id], rest: [] });
  }
  return groups.flatMap(toInstance);
}
