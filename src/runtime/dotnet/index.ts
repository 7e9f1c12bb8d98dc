/** Handlers written for .NET: `wsb-addin/dotnet`. */
import type { Component } from "../../base/component.ts";
import { resolve } from "node:path";

import type {
  AfterServicesStartRequest,
  BeforeServicesStopRequest,
  ConsistencyRequest,
  HandlerContext,
  OrderComponentsRequest,
  RestoreAbandonedRequest,
  RestoreRequest,
} from "../addin/define-addin.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import type { OnAbandonedRestore } from "../manifest/manifest.ts";
import { callMethod } from "./call.ts";
import { dotnetFolder, loadEdge, type EdgeFunction, type FindMethod } from "./edge.ts";

/**
 * The location of a .NET method. The method is `public`, takes one `object` and returns a
 * `Task<object>`; its class has a constructor without parameters.
 *
 * Paths are relative to the project's folder; `wsb-addin build` copies its subfolder `dotnet`.
 */
export type DotnetOptions = (
  | {
      /** The C# source: a file or the text; compiled at the first call. */
      readonly source: string;
      readonly assembly?: never;
    }
  | {
      /** The compiled assembly, a .dll file. */
      readonly assembly: string;
      readonly source?: never;
    }
) & {
  /** The full name of the class, for example `Contoso.Ledger.PreRestore`. */
  readonly type: string;
  /** @defaultValue `Invoke` */
  readonly method?: string;
  /** The assemblies that the source uses, for example `System.Data.dll`. */
  readonly references?: readonly string[];
};

/** The kinds of value that handlers return. */
type Returns = "order" | "boolean" | "decision";

/** The requests of the handlers that return nothing. */
type PlainRequest =
  | RestoreRequest
  | ConsistencyRequest
  | BeforeServicesStopRequest
  | AfterServicesStartRequest;

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

/** Returns a function that loads .NET and the method at its first call and keeps the method. */
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
        `Cannot load the .NET method ${type}.${method} of ${assembly}: ${errorText(error).replace(/\.+$/u, "")}. Correct the options of dotnet().`,
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
    "The .NET method must return null or components: objects with componentName and logicalPath.",
  );
}

function readBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new WsbError("ERR_WSB_HANDLER", "The .NET method must return true or false.");
}

function readDecision(value: unknown): OnAbandonedRestore {
  if (value === "startServices" || value === "keepStopped") return value;
  throw new WsbError(
    "ERR_WSB_HANDLER",
    'The .NET method must return "startServices" or "keepStopped".',
  );
}

/**
 * Makes a `preRestore`, `postRestore`, `beforeServicesStop`, `afterServicesStart` or
 * `checkConsistency` handler from a .NET method.
 */
export function dotnet(
  options: DotnetOptions & { readonly returns?: never },
): (request: PlainRequest, context: HandlerContext) => Promise<void>;
/** Makes an `orderComponents` handler from a .NET method. */
export function dotnet(
  options: DotnetOptions & { readonly returns: "order" },
): (
  request: OrderComponentsRequest,
  context: HandlerContext,
) => Promise<readonly Component[] | null>;
/** Makes an `isRollForwardSupported` handler from a .NET method. */
export function dotnet(
  options: DotnetOptions & { readonly returns: "boolean" },
): (context: HandlerContext) => Promise<boolean>;
/** Makes a `restoreAbandoned` handler from a .NET method. */
export function dotnet(
  options: DotnetOptions & { readonly returns: "decision" },
): (request: RestoreAbandonedRequest, context: HandlerContext) => Promise<OnAbandonedRestore>;
/**
 * Makes a handler from a .NET method. It needs the package edge-js, which is loaded at the first
 * call.
 *
 * The method gets `request` like any handler, `log`, `progress`, and `aborted`: a function whose task returns
 * true at the handler's time limit. The caller gets an exception's message, and its HRESULT if that
 * is a code of Windows.
 *
 * @see https://github.com/agracio/edge-js
 */
export function dotnet(
  options: DotnetOptions & { readonly returns?: Returns },
):
  | ((request: PlainRequest, context: HandlerContext) => Promise<void>)
  | ((
      request: OrderComponentsRequest,
      context: HandlerContext,
    ) => Promise<readonly Component[] | null>)
  | ((context: HandlerContext) => Promise<boolean>)
  | ((request: RestoreAbandonedRequest, context: HandlerContext) => Promise<OnAbandonedRestore>) {
  const method = methodOf(options);
  switch (options.returns) {
    case "order":
      return async (request: OrderComponentsRequest, context: HandlerContext) =>
        readOrder(await callMethod(method(), request, context));
    case "boolean":
      return async (context: HandlerContext) =>
        readBoolean(await callMethod(method(), {}, context));
    case "decision":
      return async (request: RestoreAbandonedRequest, context: HandlerContext) =>
        readDecision(await callMethod(method(), request, context));
    case undefined:
    default:
      return async (request: PlainRequest, context: HandlerContext) => {
        await callMethod(method(), request, context);
      };
  }
}
