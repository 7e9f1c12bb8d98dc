import type { CheckConsistencyHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** Written in C#: see dotnet/CheckConsistency.cs for when it is called and what it may assume. */
export const checkConsistency: CheckConsistencyHandler = dotnet({
  source: "dotnet/CheckConsistency.cs",
  type: "CheckConsistency",
});
