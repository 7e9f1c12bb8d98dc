import type { IsRollForwardSupportedHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** Written in C#: see dotnet/IsRollForwardSupported.cs for when it is called and what it may assume. */
export const isRollForwardSupported: IsRollForwardSupportedHandler = dotnet({
  source: "dotnet/IsRollForwardSupported.cs",
  type: "IsRollForwardSupported",
  returns: "boolean",
});
