/**
 * The interfaces between Windows Server Backup and an add-in.
 *
 * @see wsbapp.h, and native/idl/wsbapp.idl
 */
export const IID: {
  readonly backupSupport: "{1EFF3510-4A27-46AD-B9E0-08332F0F4F6D}";
  readonly restoreSupport: "{8D3BDB38-4EE8-4718-85F9-C7DBC4AB77AA}";
  readonly async: "{0843F6F7-895C-44A6-B0C2-05A5022AA3A1}";
} = {
  backupSupport: "{1EFF3510-4A27-46AD-B9E0-08332F0F4F6D}",
  restoreSupport: "{8D3BDB38-4EE8-4718-85F9-C7DBC4AB77AA}",
  async: "{0843F6F7-895C-44A6-B0C2-05A5022AA3A1}",
};
