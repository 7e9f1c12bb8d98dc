import type { OrderComponentsHandler } from "wsb-addin";
import { dotnet } from "wsb-addin/dotnet";

/** Written in C#: see dotnet/OrderComponents.cs for when it is called and what it may assume. */
export const orderComponents: OrderComponentsHandler = dotnet({
  source: "dotnet/OrderComponents.cs",
  type: "OrderComponents",
  returns: "order",
});
