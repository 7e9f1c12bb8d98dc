// Backslashes are literal unless a quote follows them.
const BACKSLASHES_BEFORE_QUOTE = /(\\*)(?="|$)/gu;

function quoteArgument(argument: string): string {
  const escaped = argument.replaceAll(BACKSLASHES_BEFORE_QUOTE, "$1$1").replaceAll('"', '\\"');
  return `"${escaped}"`;
}

/**
 * Formats a program and its arguments as a Windows command line.
 *
 * A program that splits the line by the rules of `CommandLineToArgvW`, as C and Node.js do at
 * start, gets every argument unchanged. cmd.exe has other rules.
 *
 * @param file The program's path. It must not contain quotes; no Windows path does.
 * @see https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 */
export function formatCommandLine(file: string, args: readonly string[]): string {
  // The program's path has its own rule: it ends at the next quote.
  return [`"${file}"`, ...args.map(quoteArgument)].join(" ");
}
