import { loadEdge } from "../runtime/dotnet/edge.ts";

const probe = {
  source:
    "using System.Threading.Tasks; public class Probe { public Task<object> Invoke(object input) { return Task.FromResult(input); } }",
  typeName: "Probe",
  methodName: "Invoke",
};

let answer: boolean | undefined;

/**
 * Tells whether handlers in C# run here: the working folder's project has edge-js, which finds a
 * .NET that compiles. If it does, the first call takes about half a second.
 */
export function canRunDotnet(): boolean {
  answer ??= compiles(process.cwd());
  return answer;
}

/** Tells whether a project's edge-js can compile C#. */
export function compiles(folder: string): boolean {
  try {
    loadEdge(folder)(probe);
    return true;
  } catch {
    return false;
  }
}
