import { describe, expect, it } from "vitest";

import { bootOf } from "../../../../src/runtime/writer/boot.ts";

function apiOf(image: string | null, startedAt = "7"): Parameters<typeof bootOf>[0] {
  return { processInfo: (pid) => (image === null ? null : { pid, startedAt, image }) };
}

function refuse(): never {
  throw new Error("Access is denied.");
}

describe("bootOf", () => {
  it("differs with the service manager's start", () => {
    const image = "C:\\Windows\\System32\\services.exe";
    expect(bootOf(apiOf(image), 600)).toBe("600 7");
    expect(bootOf(apiOf(image, "8"), 600)).toBe("600 8");
  });

  it("does not depend on the case of the path", () => {
    expect(bootOf(apiOf("C:\\WINDOWS\\system32\\Services.EXE"), 600)).toBe("600 7");
  });

  it.each(["C:\\Windows\\System32\\cmd.exe", "", null])("is unknown below %s", (image) => {
    expect(bootOf(apiOf(image), 600)).toBeNull();
  });

  it("is unknown when Windows does not tell", () => {
    expect(bootOf({ processInfo: refuse }, 600)).toBeNull();
  });
});
