import { expect, it } from "vitest";

import type { ProcessIdentity } from "../../../../src/base/process-identity.ts";
import { OrderedComponents } from "../../../../src/runtime/addin/ordered-components.ts";

const a = { componentName: "a", logicalPath: null };
const b = { componentName: "b", logicalPath: "x" };

function client(pid: number, startedAt = "1"): ProcessIdentity {
  return { pid, startedAt, image: "" };
}

it("returns what this client named last", () => {
  const ordered = new OrderedComponents();
  ordered.note(client(1), [a]);
  ordered.note(client(1), [a, b]);
  ordered.note(client(2), [b]);
  expect(ordered.of({ component: a, client: client(1) })).toEqual([a, b]);
  expect(ordered.of({ component: b, client: client(2) })).toEqual([b]);
});

it.each([
  ["of a client that named nothing", a, client(3)],
  ["of a later process with the same id", a, client(1, "2")],
  ["that the client did not name", { componentName: "c", logicalPath: null }, client(1)],
  ["of the same name in another path", { ...b, logicalPath: null }, client(1)],
])("returns only the component itself for one %s", (_, component, of) => {
  const ordered = new OrderedComponents();
  ordered.note(client(1), [a, b]);
  expect(ordered.of({ component, client: of })).toEqual([component]);
});

it("remembers clients that Windows cannot identify together", () => {
  const ordered = new OrderedComponents();
  ordered.note(null, [a, b]);
  expect(ordered.of({ component: a, client: null })).toEqual([a, b]);
});

it("forgets the client that was silent for the longest time", () => {
  const ordered = new OrderedComponents();
  for (let pid = 1; pid <= 16; pid += 1) ordered.note(client(pid), [a, b]);
  ordered.note(client(1), [a, b]);
  ordered.note(client(17), [a, b]);
  const known = (pid: number) => ordered.of({ component: a, client: client(pid) }).length === 2;
  expect([1, 2, 3, 17].map(known)).toEqual([true, false, true, true]);
});
