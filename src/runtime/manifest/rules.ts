/** The rules for a manifest's texts, also used by the generator's prompts. */

// The longest Application Identifier that the reference of the registry keys allows.
const MAX_IDENTIFIER = 256;
// The longest service name that CreateServiceW allows.
const MAX_SERVICE_NAME = 256;

/** Returns the rule that an Application Identifier or a name breaks, or `undefined`. */
export function identifierRule(value: unknown): string | undefined {
  if (typeof value !== "string") return "must be a string";
  if (value.length === 0) return "must not be empty";
  if (value.length > MAX_IDENTIFIER) {
    return `must be at most ${MAX_IDENTIFIER} UTF-16 characters; it has ${value.length}`;
  }
  // oxlint-disable-next-line no-control-regex -- it searches for control characters
  if (/[\u0000-\u001f\u007f-\u009f]/u.test(value)) return "must not contain control characters";
  if (value.trim() !== value) return "must not begin or end with white space";
  return undefined;
}

/** Returns the rule that a service name breaks, or `undefined`. */
export function serviceNameRule(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return "must be a service name";
  if (value.length > MAX_SERVICE_NAME) return `must be at most ${MAX_SERVICE_NAME} characters`;
  if (/[/\\]/u.test(value)) return "must not contain / or \\";
  // oxlint-disable-next-line no-control-regex -- it searches for control characters
  if (/[\u0000-\u001f]/u.test(value)) return "must not contain control characters";
  return undefined;
}
