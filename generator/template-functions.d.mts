/** Source of a function of a template's values and the helpers. */
export function templateFunction(text: string): string;
/** What such functions call. */
export const templateRuntime: string;
