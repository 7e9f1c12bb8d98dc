import type { PreRestoreHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** Written in C#: see dotnet/PreRestore.cs for when it is called and what it may assume. */
export const preRestore: PreRestoreHandler = dotnet({
  source: "dotnet/PreRestore.cs",
  type: "PreRestore",
});
