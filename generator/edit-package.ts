/** What came of an attempt to add an optional package to package.json. */
export type PackageEdit =
  | { readonly kind: "edited"; readonly text: string }
  /** The package is in it already. */
  | { readonly kind: "listed" }
  /** Written again, it would not look as its owner wrote it. */
  | { readonly kind: "unclear" };

const sections = ["dependencies", "devDependencies", "optionalDependencies"] as const;

/** Adds an optional package to the text of a package.json, of which nothing else changes. */
export function addOptionalPackage(text: string, name: string, range: string): PackageEdit {
  const plain = text.replaceAll("\r\n", "\n");
  const fields = readFields(plain);
  if (fields === undefined || format(fields) !== plain) return { kind: "unclear" };
  const isListed = sections.some((section) => name in Object(fields[section]));
  if (isListed) return { kind: "listed" };
  const optionalDependencies = { ...Object(fields["optionalDependencies"]), [name]: range };
  const edited = format({ ...fields, optionalDependencies });
  return { kind: "edited", text: plain === text ? edited : edited.replaceAll("\n", "\r\n") };
}

function readFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}

function format(fields: object): string {
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}
