import { readText, requireReading } from "./read.ts";
import type { Invalid, Place } from "./place.ts";
import { isObject, type JsonObject } from "../json.ts";

const anyObject = {
  read: (value: unknown, place: Place): JsonObject | Invalid =>
    isObject(value) ? value : place.refuseValue("must be an object", value),
};

/**
 * Reads the text of a package.json, with or without a byte order mark. Its fields are not checked.
 *
 * @param file The file's name in messages.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a text that is not an object in JSON.
 */
export function parsePackageJson(text: string, file: string): JsonObject {
  return requireReading(readText(anyObject, text, "the file"), {
    code: "ERR_WSB_INVALID_ARGUMENT",
    heading: `${file} cannot be read`,
  });
}
