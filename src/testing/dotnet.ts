import { loadEdge } from "../runtime/dotnet/edge.ts";

const probe = {
  source:
    "using System.Threading.Tasks; public class Probe { public Task<object> Invoke(object input) { return Task.FromResult(input); } }",
  typeName: "Probe",
  methodName: "Invoke",
};

let answer: boolean | undefined;

/**
 * Tells whether handlers in C# run here: edge-js is in the project that is the working folder, and it
 * has a .NET that compiles. The first call takes about half a second where it does.
 */
export function canRunDotnet(): boolean {
  answer ??= compiles(process.cwd());
  return answer;
}

/** Whether the edge-js of a project compiles C#. */
export function compiles(folder: string): boolean {
  try {
    loadEdge(folder)(probe);
    return true;
  } catch {
    return false;
  }
}
