/** Source of a function of a template's text, its values and the helpers. */
export function templateFunction(text: string): string;
/** What such functions call. */
export const templateRuntime: string;
