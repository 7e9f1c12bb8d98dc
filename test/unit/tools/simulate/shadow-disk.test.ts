import { describe, expect, it } from "vitest";

import { diskOfShadow } from "../../../../src/tools/simulate/shadow-disk.ts";
import { machineDisk, type Disk } from "../../../../src/tools/simulate/set-files.ts";

const DEVICE = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3";

/** A shadow copy of `C:` with these entries of `C:\Data`, of which some are on another volume. */
function shadowOf(
  entries: readonly string[],
  mounted: readonly string[] = [],
): { readonly disk: Disk; readonly copied: string[] } {
  const copied: string[] = [];
  const inner: Disk = {
    ...machineDisk,
    list: async (folder) =>
      entries.map((name) => ({
        path: `${folder}\\${name}`,
        isFolder: !name.includes("."),
      })),
    copyFile: async (from, to) => void copied.push(`${from} > ${to}`),
  };
  const serialOf = async (path: string): Promise<bigint> =>
    mounted.some((one) => path.endsWith(one)) ? 2n : 1n;
  return { disk: diskOfShadow(inner, new Map([["C:\\", DEVICE]]), serialOf), copied };
}

describe("the disk of a shadow copy", () => {
  it("shows files under their usual paths, and copies them from the shadow copy", async () => {
    const { disk, copied } = shadowOf(["2026", "2026\\books.db"]);
    expect(await disk.list("C:\\Data", { recursive: true })).toEqual([
      { path: "C:\\Data\\2026", isFolder: true },
      { path: "C:\\Data\\2026\\books.db", isFolder: false },
    ]);
    await disk.copyFile("C:\\Data\\2026\\books.db", "C:\\backup\\books.db");
    expect(copied).toEqual([`${DEVICE}\\Data\\2026\\books.db > C:\\backup\\books.db`]);
  });

  it.each(["D:\\Data\\books.db", "\\\\server\\share\\books.db"])(
    "has nothing of %s, which is in no shadow copy",
    async (file) => {
      const { disk, copied } = shadowOf([]);
      await expect(disk.copyFile(file, "C:\\backup\\books.db")).rejects.toMatchObject({
        code: "ERR_WSB_INVALID_ARGUMENT",
      });
      expect(copied).toEqual([]);
    },
  );

  it.each([["Data"], ["2026"]])("reads nothing from another volume in %s", async (folder) => {
    const { disk } = shadowOf(["2026", "2026\\books.db"], [`\\${folder}`]);
    await expect(disk.list("C:\\Data", { recursive: true })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringContaining(folder),
    });
  });
});
