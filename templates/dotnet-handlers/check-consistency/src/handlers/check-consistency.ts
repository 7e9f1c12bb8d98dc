import type { CheckConsistencyHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** In C#: dotnet/CheckConsistency.cs says when it is called and what it may assume. */
export const checkConsistency: CheckConsistencyHandler = dotnet({
  source: "dotnet/CheckConsistency.cs",
  type: "CheckConsistency",
});
