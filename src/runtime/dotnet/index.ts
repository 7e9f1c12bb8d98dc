/** Handlers written for .NET: `wsb-addin/dotnet`. */
import type { Component } from "../../base/component.ts";
import { resolve } from "node:path";

import type {
  ConsistencyRequest,
  HandlerContext,
  OrderComponentsRequest,
  RestoreRequest,
} from "../addin/define-addin.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { callMethod } from "./call.ts";
import { dotnetFolder, loadEdge, type EdgeFunction, type FindMethod } from "./edge.ts";

/**
 * Where a .NET method is. It is `public`, of a class with a constructor without parameters, takes one
 * `object` and returns a `Task<object>`.
 *
 * Files are named from the project's folder; `wsb-addin build` copies its folder `dotnet`.
 */
export type DotnetOptions = (
  | {
      /** C# source: a file, or the text itself; compiled at the first call. */
      readonly source: string;
      readonly assembly?: never;
    }
  | {
      /** Compiled assembly, a .dll file. */
      readonly assembly: string;
      readonly source?: never;
    }
) & {
  /** Full name of the class, `Contoso.Ledger.PreRestore`. */
  readonly type: string;
  /** @defaultValue `Invoke` */
  readonly method?: string;
  /** Assemblies that the source refers to, `System.Data.dll`. */
  readonly references?: readonly string[];
};

/** What the handlers of an add-in return, where it is something. */
type Returns = "order" | "boolean";

function isSourceFile(source: string): boolean {
  return /^[^\n{}]+\.csx?$/u.test(source);
}

function findMethod(find: FindMethod, folder: string, options: DotnetOptions): EdgeFunction {
  const { type, method = "Invoke", references } = options;
  const common = {
    typeName: type,
    methodName: method,
    ...(references === undefined ? {} : { references }),
  };
  const { source, assembly } = options;
  if (assembly !== undefined) return find({ ...common, assemblyFile: resolve(folder, assembly) });
  return find({ ...common, source: isSourceFile(source) ? resolve(folder, source) : source });
}

/** Loads .NET and the method at the first call, and keeps it. */
function methodOf(options: DotnetOptions): () => EdgeFunction {
  let found: EdgeFunction | undefined;
  return () => {
    if (found !== undefined) return found;
    const folder = dotnetFolder();
    const find = loadEdge(folder);
    try {
      found = findMethod(find, folder, options);
    } catch (error) {
      const { type, method = "Invoke", assembly = "the source" } = options;
      throw new WsbError(
        "ERR_WSB_DOTNET",
        `Cannot load the .NET method ${type}.${method} of ${assembly}: ${errorText(error).replace(/\.+$/u, "")}. Correct what is named.`,
        { cause: error },
      );
    }
    return found;
  };
}

function isName(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isComponent(value: unknown): value is Component {
  if (typeof value !== "object" || value === null) return false;
  if (!("componentName" in value) || !("logicalPath" in value)) return false;
  return isName(value.componentName) && isName(value.logicalPath);
}

function readOrder(value: unknown): readonly Component[] | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value) && value.every(isComponent)) return value;
  throw new WsbError(
    "ERR_WSB_HANDLER",
    "The .NET method must return components, objects with componentName and logicalPath, or null.",
  );
}

function readBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new WsbError("ERR_WSB_HANDLER", "The .NET method must return true or false.");
}

/** A .NET method as `preRestore`, `postRestore` or `checkConsistency`. */
export function dotnet(
  options: DotnetOptions & { readonly returns?: never },
): (request: RestoreRequest | ConsistencyRequest, context: HandlerContext) => Promise<void>;
/** A .NET method as `orderComponents`. */
export function dotnet(
  options: DotnetOptions & { readonly returns: "order" },
): (
  request: OrderComponentsRequest,
  context: HandlerContext,
) => Promise<readonly Component[] | null>;
/** A .NET method as `isRollForwardSupported`. */
export function dotnet(
  options: DotnetOptions & { readonly returns: "boolean" },
): (context: HandlerContext) => Promise<boolean>;
/**
 * Makes a handler of a .NET method. It needs the package edge-js, which is loaded at the first call.
 *
 * The method gets `request`, as the handler does, `aborted`, a function whose task ends with true at
 * the handler's time limit, and `log`. An exception reaches the caller by its message; its HRESULT
 * does if it is one of Windows' own.
 *
 * @see https://github.com/agracio/edge-js
 */
export function dotnet(
  options: DotnetOptions & { readonly returns?: Returns },
):
  | ((request: RestoreRequest | ConsistencyRequest, context: HandlerContext) => Promise<void>)
  | ((
      request: OrderComponentsRequest,
      context: HandlerContext,
    ) => Promise<readonly Component[] | null>)
  | ((context: HandlerContext) => Promise<boolean>) {
  const method = methodOf(options);
  switch (options.returns) {
    case "order":
      return async (request: OrderComponentsRequest, context: HandlerContext) =>
        readOrder(await callMethod(method(), request, context));
    case "boolean":
      return async (context: HandlerContext) =>
        readBoolean(await callMethod(method(), {}, context));
    case undefined:
    default:
      return async (request: RestoreRequest | ConsistencyRequest, context: HandlerContext) => {
        await callMethod(method(), request, context);
      };
  }
}
