// A run of backslashes stands for itself unless a quote follows.
const BACKSLASHES_BEFORE_QUOTE = /(\\*)(?="|$)/gu;

function quoteArgument(argument: string): string {
  const escaped = argument.replaceAll(BACKSLASHES_BEFORE_QUOTE, "$1$1").replaceAll('"', '\\"');
  return `"${escaped}"`;
}

/**
 * Writes a program and its arguments as the one line that Windows starts it with.
 *
 * What splits it again by the rules of `CommandLineToArgvW`, as C's and Node.js' start-up do, gets
 * every argument as it was. cmd.exe has other rules.
 *
 * @param file Path of the program: without quotes, which no path has.
 * @see https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
 */
export function formatCommandLine(file: string, args: readonly string[]): string {
  // The first argument is read by a rule of its own: it ends at the next quote.
  return [`"${file}"`, ...args.map(quoteArgument)].join(" ");
}
