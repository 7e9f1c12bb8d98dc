/** Returns how many letters to change, add or remove to turn one word into the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const letter of one) {
    const next = [(row[0] ?? 0) + 1];
    for (const [column, above] of row.slice(1).entries()) {
      const change = (row[column] ?? 0) + (letter === other[column] ? 0 : 1);
      next.push(Math.min(above + 1, (next[column] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** Returns `; did you mean …?` for a misspelt word, or `""` when no known word is similar. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = known
    .filter((name) => Math.abs(name.length - word.length) <= name.length / 3)
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, far }) => far <= name.length / 3)
    .toSorted((one, other) => one.far - other.far);
  return near[0] === undefined ? "" : `; did you mean ${near[0].name}?`;
}
