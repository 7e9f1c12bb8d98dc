import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";

import { escapeXml } from "../../../src/base/xml.ts";

function parse(xml: string): { readonly value: string; readonly text: string } {
  const found = { value: "", text: "" };
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ attributes }) => {
    found.value += String(attributes["value"]);
  });
  parser.on("text", (text) => {
    found.text += text;
  });
  parser.write(xml).close();
  return found;
}

describe("escapeXml", () => {
  it.each(["plain", `<b a="1" c='2'>&amp;</b>`, "]]>", "&lt;", ""])(
    "preserves %j in an attribute and in an element",
    (text) => {
      const escaped = escapeXml(text);

      expect(parse(`<a value="${escaped}">${escaped}</a>`)).toEqual({ value: text, text });
      expect(parse(`<a value='${escaped}'/>`).value).toBe(text);
    },
  );
});
