import type { PostRestoreHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** Written in C#: see dotnet/PostRestore.cs for when it is called and what it may assume. */
export const postRestore: PostRestoreHandler = dotnet({
  source: "dotnet/PostRestore.cs",
  type: "PostRestore",
});
