import { WsbError } from "./errors.ts";

/** The security identifiers that the kit uses. @see https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers */
export const SID: {
  readonly everyone: "S-1-1-0";
  readonly creatorOwner: "S-1-3-0";
  readonly creatorGroup: "S-1-3-1";
  readonly ownerRights: "S-1-3-4";
  readonly anonymous: "S-1-5-7";
  readonly system: "S-1-5-18";
  readonly administrators: "S-1-5-32-544";
  readonly backupOperators: "S-1-5-32-551";
  readonly trustedInstaller: "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
} = {
  everyone: "S-1-1-0",
  creatorOwner: "S-1-3-0",
  creatorGroup: "S-1-3-1",
  ownerRights: "S-1-3-4",
  anonymous: "S-1-5-7",
  system: "S-1-5-18",
  administrators: "S-1-5-32-544",
  backupOperators: "S-1-5-32-551",
  trustedInstaller: "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
};

const pattern = /^[Ss]-1(?<authority>-(?:0|[1-9]\d{0,14}))(?<rest>(?:-(?:0|[1-9]\d{0,9})){1,15})$/u;

const MAX_AUTHORITY = 2 ** 48 - 1;
const MAX_SUB_AUTHORITY = 2 ** 32 - 1;

function readNumbers(text: string): readonly number[] | undefined {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const authority = Number(groups["authority"]?.slice(1));
  const rest = (groups["rest"] ?? "").slice(1).split("-").map(Number);
  if (authority > MAX_AUTHORITY || rest.some((one) => one > MAX_SUB_AUTHORITY)) return undefined;
  return [authority, ...rest];
}

/** Returns a SID in canonical form, or `undefined` when the text is not a SID. */
export function parseSid(text: string): string | undefined {
  const numbers = readNumbers(text);
  return numbers === undefined ? undefined : ["S-1", ...numbers].join("-");
}

/**
 * Returns the bytes of a SID.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when the text is not a SID.
 * @see https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/f992ad60-0fe4-4b87-9fed-beb478836861
 */
export function encodeSid(text: string): Uint8Array {
  const [authority, ...subAuthorities] = readNumbers(text) ?? [];
  if (authority === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `${JSON.stringify(text)} is not a security identifier. Write it as S-1-5-32-544.`,
    );
  }
  const bytes = Buffer.alloc(8 + 4 * subAuthorities.length);
  bytes.writeUInt8(1, 0); // revision
  bytes.writeUInt8(subAuthorities.length, 1);
  bytes.writeUIntBE(authority, 2, 6); // the only big-endian number of a SID
  for (const [index, one] of subAuthorities.entries()) bytes.writeUInt32LE(one, 8 + 4 * index);
  return new Uint8Array(bytes);
}
