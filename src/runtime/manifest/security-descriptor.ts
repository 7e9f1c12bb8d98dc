import { SID, encodeSid } from "../../base/sid.ts";

/** The access that an account or a group gets. */
export interface AccessGrant {
  readonly sid: string;
  /** The access mask; for COM, a sum of {@link COM_RIGHTS}. */
  readonly mask: number;
}

/**
 * The rights in the descriptors of a COM application (combaseapi.h).
 *
 * `EXECUTE` alone is the old form, which grants every right, including remote access. Next to a
 * newer right it grants nothing, but it must still be present.
 *
 * @see https://learn.microsoft.com/openspecs/windows_protocols/ms-coma/a7395012-15a8-4f7c-ada9-d16bef022be3
 */
export const COM_RIGHTS: {
  readonly EXECUTE: 0x1;
  readonly EXECUTE_LOCAL: 0x2;
  readonly ACTIVATE_LOCAL: 0x8;
} = {
  EXECUTE: 0x1,
  EXECUTE_LOCAL: 0x2,
  ACTIVATE_LOCAL: 0x8,
};

const HEADER_SIZE = 20;
const ACL_HEADER_SIZE = 8;
const ACE_HEADER_SIZE = 8;

// winnt.h
const SECURITY_DESCRIPTOR_REVISION = 1;
const ACL_REVISION = 2;
const ACCESS_ALLOWED_ACE_TYPE = 0;
const SE_DACL_PRESENT = 0x0004;
const SE_SELF_RELATIVE = 0x8000;

function encodeGrant({ sid, mask }: AccessGrant): Buffer {
  const trustee = encodeSid(sid);
  const bytes = Buffer.alloc(ACE_HEADER_SIZE + trustee.length);
  bytes.writeUInt8(ACCESS_ALLOWED_ACE_TYPE, 0);
  bytes.writeUInt16LE(bytes.length, 2);
  bytes.writeUInt32LE(mask, 4);
  bytes.set(trustee, ACE_HEADER_SIZE);
  return bytes;
}

function encodeAcl(grants: readonly AccessGrant[]): Buffer {
  const entries = Buffer.concat(grants.map(encodeGrant));
  const header = Buffer.alloc(ACL_HEADER_SIZE);
  header.writeUInt8(ACL_REVISION, 0);
  header.writeUInt16LE(ACL_HEADER_SIZE + entries.length, 2);
  header.writeUInt16LE(grants.length, 4);
  return Buffer.concat([header, entries]);
}

/**
 * Builds a self-relative security descriptor, owned by Administrators, that grants exactly the
 * listed access, in that order.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for an invalid SID.
 * @see https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
 */
export function buildDescriptor(grants: readonly AccessGrant[]): Uint8Array {
  const acl = encodeAcl(grants);
  const owner = encodeSid(SID.administrators);
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(SECURITY_DESCRIPTOR_REVISION, 0);
  header.writeUInt16LE(SE_DACL_PRESENT | SE_SELF_RELATIVE, 2);
  header.writeUInt32LE(HEADER_SIZE + acl.length, 4); // owner
  header.writeUInt32LE(HEADER_SIZE + acl.length + owner.length, 8); // group
  header.writeUInt32LE(HEADER_SIZE, 16); // DACL; there is no SACL at 12
  return new Uint8Array(Buffer.concat([header, acl, owner, owner]));
}

/**
 * Builds the descriptor that says who may start the add-in and create its objects, from this
 * machine only.
 *
 * @param allow The SIDs in the manifest.
 * @see https://learn.microsoft.com/windows/win32/com/launchpermission
 */
export function launchPermission(allow: readonly string[]): Uint8Array {
  const mask = COM_RIGHTS.EXECUTE | COM_RIGHTS.EXECUTE_LOCAL | COM_RIGHTS.ACTIVATE_LOCAL;
  return buildDescriptor(allow.map((sid) => ({ sid, mask })));
}

/**
 * Builds the descriptor that says who may call the add-in, from this machine only.
 *
 * @param allow The SIDs in the manifest.
 * @see https://learn.microsoft.com/windows/win32/com/accesspermission
 */
export function accessPermission(allow: readonly string[]): Uint8Array {
  const mask = COM_RIGHTS.EXECUTE | COM_RIGHTS.EXECUTE_LOCAL;
  return buildDescriptor(allow.map((sid) => ({ sid, mask })));
}
