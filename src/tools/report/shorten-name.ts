const MAX_NAME = 80;

/** Shortens a name at its start, because the end of a component's name distinguishes it. */
export function shortenName(name: string): string {
  const characters = Array.from(name.replaceAll(/\s+/gu, " "));
  if (characters.length <= MAX_NAME) return characters.join("");
  return `…${characters.slice(1 - MAX_NAME).join("")}`;
}
