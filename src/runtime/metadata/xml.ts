import { SaxesParser } from "saxes";

// This module knows nothing of the kit: dist/ has it in one file with its parser, so that the
// package need not depend on one.

/** An element of a document. Its text is left out: a writer says everything in attributes. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

/** Bounds on a document from another process. */
export interface XmlLimits {
  /** Longest document, in UTF-16 units. */
  readonly length: number;
  readonly elements: number;
  readonly attributesPerElement: number;
  /** Levels of elements, the root included. */
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
 * A document type is refused, so no entities exist but the five of XML itself. The encoding that a
 * declaration names is ignored, for a string has none.
 *
 * @returns The root.
 * @throws {Error} where the document is not well-formed or exceeds a limit.
 */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  requireAtMost(limits.length, text.length, "characters");
  // The parser would pair half of a pair with whatever is beside it.
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
  // Counted as they come: what is too much is not collected first.
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
