import { SaxesParser } from "saxes";

// This module does not import the kit: dist/ has it in one file together with its parser, so that
// the package does not depend on the parser.

/** An element of a document, without its text: a writer uses only attributes. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

/** The limits for a document from another process. */
export interface XmlLimits {
  /** The longest document, in UTF-16 code units. */
  readonly length: number;
  readonly elements: number;
  readonly attributesPerElement: number;
  /** The levels of elements, including the root. */
  readonly depth: number;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
}

function requireAtMost(limit: number, count: number, what: string): void {
  if (count > limit) throw new Error(`it has more than ${limit} ${what}`);
}

/**
 * Reads the elements of an XML document.
 *
 * A document type is refused, so only the five entities of XML exist. The encoding in a declaration
 * is ignored, because a string has no encoding.
 *
 * @returns The root element.
 * @throws {Error} when the document is not well-formed or exceeds a limit.
 */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  requireAtMost(limits.length, text.length, "characters");
  // The parser would join half of a surrogate pair with the next character.
  if (/\p{Surrogate}/u.test(text)) throw new Error("it has half of a surrogate pair");
  const document: OpenElement = { name: "", attributes: {}, children: [] };
  const open = [document];
  let elements = 0;
  let attributes = 0;
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => {
    throw new Error("it has a document type");
  });
  // Counted while parsing, so that excess attributes are never collected.
  parser.on("opentagstart", () => {
    elements += 1;
    attributes = 0;
    requireAtMost(limits.elements, elements, "elements");
    requireAtMost(limits.depth, open.length, "levels");
  });
  parser.on("attribute", () => {
    attributes += 1;
    requireAtMost(limits.attributesPerElement, attributes, "attributes in one element");
  });
  parser.on("opentag", (tag) => {
    const element = { name: tag.name, attributes: tag.attributes, children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("closetag", () => open.pop());
  parser.write(text).close();
  const [root] = document.children;
  if (root === undefined) throw new Error("it has no elements");
  return root;
}
