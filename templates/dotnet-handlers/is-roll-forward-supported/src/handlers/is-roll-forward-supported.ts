import type { IsRollForwardSupportedHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** In C#: dotnet/IsRollForwardSupported.cs says when it is called and what it may assume. */
export const isRollForwardSupported: IsRollForwardSupportedHandler = dotnet({
  source: "dotnet/IsRollForwardSupported.cs",
  type: "IsRollForwardSupported",
  returns: "boolean",
});
