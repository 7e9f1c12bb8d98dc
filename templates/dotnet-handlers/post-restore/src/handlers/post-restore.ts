import type { PostRestoreHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** In C#: dotnet/PostRestore.cs says when it is called and what it may assume. */
export const postRestore: PostRestoreHandler = dotnet({
  source: "dotnet/PostRestore.cs",
  type: "PostRestore",
});
