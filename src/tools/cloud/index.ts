export {
  checkCloudProvider,
  deregisterCloudProvider,
  loadCloudApi,
  registerCloudProvider,
  updateCloudStatus,
  verifyCloudProvider,
} from "./cloud.ts";
export type {
  CloudApi,
  CloudDeregistration,
  CloudRegistration,
  RegisterCloudOptions,
} from "./cloud.ts";
export type { CloudKey, CloudVerification, SnapIn } from "./mmc.ts";
export type { CloudProvider } from "./provider.ts";
export type { CloudStatus, CloudStatusEntry } from "./status.ts";
export type { CloudStatusValue, CloudStatusValueType } from "./value.ts";
