import { findSameIdentifier, type SameIdentifier } from "../../registration/conflicts.ts";
import { writerKey } from "../../registration/keys.ts";
import { textsOf } from "../../registration/registry-value.ts";
import { notApplicable, ok, type AddinCheck, type Finding } from "../check.ts";

/** Decides whether an identifier is the only one of its text. */
export function judgeIdentifier(identifier: string, others: readonly SameIdentifier[]): Finding {
  if (others.length === 0) return ok(`No other application has ${JSON.stringify(identifier)}.`);
  const writers = others.map(({ writer }) => writer).join(", ");
  return {
    verdict: "fail",
    found: `${JSON.stringify(identifier)} is the identifier of other writers too: ${writers}.`,
    advice:
      "Remove the registration of the application that is no longer installed, or choose another applicationIdentifier and register again.",
  };
}

export const identifierCheck: AddinCheck = {
  id: "identifier",
  title: "Identifier unique",
  why: "Of two applications with the same identifier, Windows Server Backup ignores the second without a word.",
  about: "application",
  run: ({ writerId, manifest }, { api }) => {
    const value = api.readRegistryValue(writerKey(writerId), "Application Identifier");
    const identifier = textsOf(value).at(0) ?? manifest?.applicationIdentifier;
    if (identifier === undefined) return notApplicable("The application has no identifier.");
    return judgeIdentifier(identifier, findSameIdentifier(api, writerId, identifier));
  },
};
