import { describe, expect, it } from "vitest";

import type { FileSecurity } from "../../../../src/runtime/native/binding.ts";
import {
  checkLocalPath,
  describeWritable,
  findWritablePaths,
  rememberLinks,
  throwIfWritable,
  type FolderApi,
  type LinkReader,
  type WritablePath,
} from "../../../../src/tools/registration/folder-check.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const SYSTEM = "S-1-5-18";
const ADMINISTRATORS = "S-1-5-32-544";
const TRUSTED_INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
const EVERYONE = "S-1-1-0";
const AUTHENTICATED_USERS = "S-1-5-11";
const USERS = "S-1-5-32-545";
const CREATOR_OWNER = "S-1-3-0";
const ALICE = "S-1-5-21-1-2-3-1001";

const FULL = 0x1f01ff;
const MODIFY = 0x1301bf;
const READ = 0x1200a9;

type Entry = readonly [sid: string, mask: number, flags?: number];

function secured(owner: string, ...entries: readonly Entry[]): FileSecurity {
  return {
    owner,
    entries: entries.map(([sid, mask, flags = 0]) => ({ kind: "allow", sid, mask, flags })),
  };
}

const mine: readonly Entry[] = [
  [SYSTEM, FULL],
  [ADMINISTRATORS, FULL],
];

// The permissions of Windows' own folders (icacls), including inheritance.
const driveC = secured(
  TRUSTED_INSTALLER,
  [ADMINISTRATORS, FULL, 0x3],
  [SYSTEM, FULL, 0x3],
  [USERS, READ, 0x3],
  [AUTHENTICATED_USERS, 0xe001_0000, 0xb], // modify, for children
  [AUTHENTICATED_USERS, 0x4], // create folders
);
const programFiles = secured(
  TRUSTED_INSTALLER,
  [TRUSTED_INSTALLER, FULL],
  [SYSTEM, MODIFY],
  [SYSTEM, 0x1000_0000, 0xb],
  [ADMINISTRATORS, MODIFY],
  [ADMINISTRATORS, 0x1000_0000, 0xb],
  [USERS, READ],
  [CREATOR_OWNER, 0x1000_0000, 0xb],
);
const belowProgramFiles = secured(
  ADMINISTRATORS,
  ...mine,
  [USERS, READ],
  [CREATOR_OWNER, 0x1000_0000, 0xb],
);
const inProgramFiles = secured(ADMINISTRATORS, ...mine, [USERS, READ]);
const usersFolder = secured(SYSTEM, ...mine, [USERS, READ], [EVERYONE, READ]);
const profile = secured(SYSTEM, ...mine, [ALICE, FULL, 0x3]);
const inProfile = secured(ALICE, ...mine, [ALICE, FULL]);
const windowsFolder = programFiles;
const windowsTemp = secured(SYSTEM, ...mine, [USERS, 0x1000a6], [CREATOR_OWNER, FULL, 0xb]);
// A folder that an administrator made in C:\, and its contents.
const ownFolder = secured(
  ADMINISTRATORS,
  ...mine,
  [USERS, READ, 0x13],
  [AUTHENTICATED_USERS, MODIFY, 0x13],
);

const machine: Readonly<Record<string, FileSecurity | null>> = {
  "C:\\": driveC,
  "C:\\PROGRAM FILES": programFiles,
  "C:\\PROGRAM FILES\\CONTOSO": belowProgramFiles,
  "C:\\PROGRAM FILES\\CONTOSO\\SERVER.JS": inProgramFiles,
  "C:\\USERS": usersFolder,
  "C:\\USERS\\ALICE": profile,
  "C:\\USERS\\ALICE\\SERVER.JS": inProfile,
  "C:\\WINDOWS": windowsFolder,
  "C:\\WINDOWS\\TEMP": windowsTemp,
  "C:\\WINDOWS\\TEMP\\SERVER.JS": inProgramFiles,
  "C:\\TOOLS": ownFolder,
  "C:\\TOOLS\\ADDIN": ownFolder,
  "C:\\TOOLS\\ADDIN\\SERVER.JS": ownFolder,
  "C:\\TOOLS\\LOCKED": belowProgramFiles,
  "C:\\TOOLS\\LOCKED\\SERVER.JS": inProgramFiles,
  "E:\\": { owner: EVERYONE, entries: null },
  "E:\\SERVER.JS": { owner: EVERYONE, entries: null },
};

const names: Readonly<Record<string, string>> = {
  [AUTHENTICATED_USERS]: "NT AUTHORITY\\Authenticated Users",
};

function fakeApi(
  changes: Readonly<Record<string, FileSecurity | null>> = {},
  isWine = false,
): FolderApi {
  const files = { ...machine, ...changes };
  return {
    readFileSecurity: (path) => files[path.toUpperCase()] ?? null,
    accountName: (sid) => names[sid] ?? null,
    isWine: () => isWine,
  };
}

function fakeLinks(targets: Readonly<Record<string, string>> = {}): LinkReader {
  return { target: (path) => targets[path.toUpperCase()], real: () => undefined };
}

function found(path: string, api = fakeApi(), links = fakeLinks()): readonly string[] {
  return findWritablePaths(api, [path], links).map(
    ({ path: place, sid, rights }) => `${place} ${sid} ${rights.join(", ")}`,
  );
}

const SERVER = "C:\\Program Files\\Contoso\\server.js";

function withServer(security: FileSecurity | null): FolderApi {
  return fakeApi({ [SERVER.toUpperCase()]: security });
}

function withHolder(...entries: readonly Entry[]): FolderApi {
  return fakeApi({ "C:\\PROGRAM FILES\\CONTOSO": secured(ADMINISTRATORS, ...mine, ...entries) });
}

function withAncestor(...entries: readonly Entry[]): FolderApi {
  return fakeApi({ "C:\\PROGRAM FILES": secured(ADMINISTRATORS, ...mine, ...entries) });
}

describe("findWritablePaths, in Windows' own folders", () => {
  it("finds nothing below C:\\Program Files, although everybody may create folders in C:\\", () => {
    expect(found(SERVER)).toEqual([]);
  });

  it("finds a file in a profile", () => {
    expect(found("C:\\Users\\alice\\server.js")).toEqual([
      `C:\\Users\\alice ${ALICE} add files to it, add folders to it, delete and rename its contents, delete and rename it, change its permissions, take ownership of it`,
      `C:\\Users\\alice\\server.js ${ALICE} write to it, append to it, delete and rename it, change its permissions, take ownership of it`,
    ]);
  });

  it("finds a folder for temporary files, even if its file is protected", () => {
    expect(found("C:\\Windows\\Temp\\server.js")).toEqual([
      `C:\\Windows\\Temp ${USERS} add files to it, add folders to it`,
    ]);
  });

  it("finds the inherited permissions of an administrator's folder in C:\\", () => {
    const rights = "add files to it, add folders to it, delete and rename it";
    expect(found("C:\\Tools\\addin\\server.js")).toEqual([
      `C:\\Tools ${AUTHENTICATED_USERS} delete and rename it`,
      `C:\\Tools\\addin ${AUTHENTICATED_USERS} ${rights}`,
      `C:\\Tools\\addin\\server.js ${AUTHENTICATED_USERS} write to it, append to it, delete and rename it`,
    ]);
  });

  it("finds a protected folder inside a folder that can be renamed", () => {
    expect(found("C:\\Tools\\locked\\server.js")).toEqual([
      `C:\\Tools ${AUTHENTICATED_USERS} delete and rename it`,
    ]);
  });

  it("finds a disk without permissions", () => {
    expect(found("E:\\server.js").map((line) => line.split(" ").slice(0, 2))).toEqual([
      ["E:\\", EVERYONE],
      ["E:\\server.js", EVERYONE],
    ]);
  });
});

describe("findWritablePaths", () => {
  it.each<[what: string, security: FileSecurity, right: string]>([
    ["written to", secured(SYSTEM, [USERS, 0x2]), "write to it"],
    ["appended to", secured(SYSTEM, [USERS, 0x4]), "append to it"],
    ["deleted", secured(SYSTEM, [USERS, 0x10000]), "delete and rename it"],
    ["opened up", secured(SYSTEM, [USERS, 0x40000]), "change its permissions"],
    ["taken over", secured(SYSTEM, [USERS, 0x80000]), "take ownership of it"],
    ["opened up by its owner", secured(USERS), "change its permissions"],
  ])("finds a file that can be %s", (_, security, right) => {
    expect(found(SERVER, withServer(security))).toEqual([`${SERVER} ${USERS} ${right}`]);
  });

  it.each<[what: string, security: FileSecurity]>([
    ["read and run", secured(SYSTEM, [EVERYONE, READ])],
    ["given attributes", secured(SYSTEM, [USERS, 0x110])],
    ["changed by administrators", secured(ADMINISTRATORS, [ADMINISTRATORS, FULL])],
    ["changed by Windows' own installer", secured(TRUSTED_INSTALLER, [TRUSTED_INSTALLER, FULL])],
  ])("accepts a file that can be %s", (_, security) => {
    expect(found(SERVER, withServer(security))).toEqual([]);
  });

  const folder = "C:\\Program Files\\Contoso";
  it.each<[mask: number, right: string]>([
    [0x2, "add files to it"],
    [0x4, "add folders to it"],
    [0x40, "delete and rename its contents"],
    [0x10000, "delete and rename it"],
    [0x40000, "change its permissions"],
    [0x80000, "take ownership of it"],
  ])("finds the file's folder with %i", (mask, right) => {
    expect(found(SERVER, withHolder([USERS, mask]))).toEqual([`${folder} ${USERS} ${right}`]);
  });

  it("accepts the file's folder if the right is only for children", () => {
    expect(found(SERVER, withHolder([USERS, FULL, 0xb]))).toEqual([]);
  });

  it.each<[mask: number, right: string]>([
    [0x40, "delete and rename its contents"],
    [0x10000, "delete and rename it"],
    [0x40000, "change its permissions"],
    [0x80000, "take ownership of it"],
  ])("finds a parent folder with %i", (mask, right) => {
    expect(found(SERVER, withAncestor([USERS, mask]))).toEqual([
      `C:\\Program Files ${USERS} ${right}`,
    ]);
  });

  it("accepts a parent folder where others can only add files", () => {
    expect(found(SERVER, withAncestor([USERS, 0x6]))).toEqual([]);
  });

  it("finds a parent folder where everybody has full access", () => {
    const [line = "", ...more] = found(SERVER, withAncestor([EVERYONE, MODIFY | 0x40]));
    expect(line).toContain(`C:\\Program Files ${EVERYONE} delete and rename its contents`);
    expect(more).toEqual([]);
  });

  it("accepts the right to rename on the root of a drive", () => {
    const root = secured(SYSTEM, [USERS, MODIFY]);
    expect(found(SERVER, fakeApi({ "C:\\": root }))).toEqual([]);
    expect(found(SERVER, fakeApi({ "C:\\": secured(SYSTEM, [USERS, 0x10040]) }))).toEqual([
      `C:\\ ${USERS} delete and rename its contents`,
    ]);
  });

  it("checks the folder where a missing file would be created", () => {
    const absent = "C:\\Program Files\\Nowhere\\dist\\server.js";
    expect(found(absent)).toEqual([]);
    expect(found(absent, withAncestor([USERS, 0x4]))).toEqual([
      `C:\\Program Files ${USERS} add folders to it`,
    ]);
  });

  it("reports a folder once, with the rights that matter for any file", () => {
    const api = withAncestor([USERS, 0x44]);
    const paths = [SERVER, "C:\\Program Files\\node.exe", "c:\\PROGRAM FILES\\contoso\\SERVER.JS"];
    expect(findWritablePaths(api, paths, fakeLinks())).toMatchObject([
      { sid: USERS, rights: ["add folders to it", "delete and rename its contents"] },
    ]);
  });

  it("reads a folder with a backslash at its end as the same folder", () => {
    const api = withHolder([USERS, 0x42]);
    expect(found(folder, api)).toEqual([`${folder} ${USERS} write to it`]);
    expect(found(`${folder}\\`, api)).toEqual(found(folder, api));
  });

  it("names a path that cannot be read", () => {
    const api: FolderApi = {
      ...fakeApi(),
      readFileSecurity: () => {
        throw new NativeError(0x80070005, "CreateFileW");
      },
    };
    expect(() => found(SERVER, api)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_ACCESS_DENIED" }),
    );
  });
});

describe("findWritablePaths, through links", () => {
  it("checks a link and its target", () => {
    const link = secured(ADMINISTRATORS, ...mine, [USERS, 0x100]);
    const api = fakeApi({ "C:\\PROGRAM FILES\\NODE": link });
    const links = fakeLinks({ "C:\\PROGRAM FILES\\NODE": "C:\\Users\\alice" });
    expect(found("C:\\Program Files\\node\\server.js", api, links)).toEqual([
      `C:\\Program Files\\node ${USERS} change its attributes`,
      expect.stringContaining(`C:\\Users\\alice ${ALICE}`),
      expect.stringContaining(`C:\\Users\\alice\\server.js ${ALICE}`),
    ]);
  });

  it("follows a chain of links", () => {
    const links = fakeLinks({
      "C:\\PROGRAM FILES\\ONE": "C:\\Program Files\\two",
      "C:\\PROGRAM FILES\\TWO": "..\\Users\\alice",
    });
    const places = findWritablePaths(fakeApi(), ["C:\\Program Files\\one\\server.js"], links);
    expect(places.map(({ path }) => path)).toEqual([
      "C:\\Users\\alice",
      "C:\\Users\\alice\\server.js",
    ]);
  });

  it("follows each link of a path", () => {
    const links = fakeLinks({
      "C:\\PROGRAM FILES": "C:\\Tools",
      "C:\\PROGRAM FILES\\CONTOSO": "C:\\Windows",
    });
    expect(found(SERVER, fakeApi(), links)).toEqual([
      expect.stringContaining(`C:\\Tools ${AUTHENTICATED_USERS}`),
    ]);
  });

  it("checks a path that the file system resolves differently: a short name", () => {
    const links: LinkReader = {
      target: () => undefined,
      real: (path) => path.replace("ALICE~1", "alice"),
    };
    expect(found("C:\\Users\\ALICE~1\\server.js", fakeApi(), links)).toHaveLength(2);
  });

  it("stops at links that form a cycle", () => {
    const links: LinkReader = {
      target: (path) => (path.endsWith("loop") ? `${path}x\\loop` : undefined),
      real: () => undefined,
    };
    expect(() => found("C:\\loop", fakeApi(), links)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" }),
    );
  });
});

describe("findWritablePaths under Wine", () => {
  const wineUser = "S-1-5-21-0-0-0-1000";
  const owned = secured(wineUser, [wineUser, FULL]);

  it("trusts the Unix user, and other Unix users because they look like root", () => {
    const others = secured("S-1-5-7", ["S-1-5-7", FULL]);
    const files = { "C:\\PROGRAM FILES": others, [SERVER.toUpperCase()]: owned };
    expect(found(SERVER, fakeApi(files, true))).toEqual([]);
    expect(found(SERVER, fakeApi(files, false))).toHaveLength(2);
  });

  it("accepts the sticky folder of Unix for temporary files, and there alone", () => {
    const open = secured(wineUser, [wineUser, FULL], [EVERYONE, MODIFY]);
    const files = { "Z:\\": owned, "Z:\\TMP": open, "Z:\\TMP\\SERVER.JS": owned };
    expect(found("Z:\\tmp\\server.js", fakeApi(files, true))).toEqual([]);
    expect(found("Z:\\tmp\\server.js", fakeApi(files, false))).not.toEqual([]);
  });

  it("still finds a path where everybody may write", () => {
    const open = secured(wineUser, [wineUser, FULL], [EVERYONE, 0x1301ff]);
    expect(found(SERVER, fakeApi({ [SERVER.toUpperCase()]: open }, true))).toHaveLength(1);
  });
});

describe("describeWritable", () => {
  it("names the account by Windows' name or by its SID", () => {
    const lines = describeWritable(
      findWritablePaths(fakeApi(), ["C:\\Tools\\locked\\server.js"], fakeLinks()),
    );
    expect(lines).toEqual([
      "C:\\Tools: NT AUTHORITY\\Authenticated Users can delete and rename it",
    ]);
    const [nameless]: readonly WritablePath[] = findWritablePaths(
      withServer(secured(ALICE)),
      [SERVER],
      fakeLinks(),
    );
    expect(nameless).toMatchObject({ sid: ALICE, name: ALICE });
  });
});

describe("throwIfWritable", () => {
  const paths = ["C:\\Tools\\locked\\server.js"];

  it("names the path and the account", () => {
    expect(() => throwIfWritable(fakeApi(), paths, { allow: false, links: fakeLinks() })).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_WRITABLE_FOLDER",
        message: expect.stringMatching(
          /C:\\Tools: .*Authenticated Users[^]*--allow-writable-folder/u,
        ),
      }),
    );
  });

  it("only warns about an accepted path, and is silent without a finding", () => {
    const options = { allow: true, links: fakeLinks() };
    expect(throwIfWritable(fakeApi(), paths, options)).toHaveLength(1);
    expect(throwIfWritable(fakeApi(), [SERVER], { ...options, allow: false })).toEqual([]);
  });
});

describe("checkLocalPath", () => {
  const drives: Readonly<
    Record<string, ReturnType<Parameters<typeof checkLocalPath>[0]["driveType"]>>
  > = {
    "C:\\": "fixed",
    "N:\\": "network",
    "S:\\": "substituted",
    "U:\\": "removable",
    "D:\\": "cdrom",
    "R:\\": "ramdisk",
    "X:\\": "unknown",
  };
  const api = { driveType: (root: string) => drives[root] ?? "missing" } as const;

  it.each([SERVER, "c:/Program Files/server.js", "R:\\server.js", "C:\\"])("accepts %s", (path) => {
    expect(() => checkLocalPath(api, path, fakeLinks())).not.toThrow();
  });

  it.each([
    ["", "absolute"],
    ["server.js", "absolute"],
    ["C:server.js", "absolute"],
    ["\\server.js", "absolute"],
    ["..\\server.js", "absolute"],
    ["1:\\server.js", "absolute"],
    ["\\\\host\\share\\server.js", "network share"],
    ["//host/share/server.js", "network share"],
    ["\\\\?\\C:\\server.js", "Windows API"],
    ["\\\\?\\UNC\\host\\share\\server.js", "Windows API"],
    ["//./C:/server.js", "Windows API"],
    ["n:\\server.js", "network drive"],
    ["S:\\server.js", "SUBST"],
    ["U:\\server.js", "removable"],
    ["D:\\server.js", "removable"],
    ["X:\\server.js", "missing"],
    ["Q:\\server.js", "missing"],
  ])("refuses %j", (path, rule) => {
    expect(() => checkLocalPath(api, path, fakeLinks())).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_INVALID_ARGUMENT",
        message: expect.stringContaining(rule),
      }),
    );
  });

  it("refuses a link to a share", () => {
    const links = fakeLinks({ "C:\\PROGRAM FILES": "\\\\host\\share" });
    expect(() => checkLocalPath(api, SERVER, links)).toThrow("which is on a network share");
  });

  it("does not say of the path itself that it leads there", () => {
    const refused = "n:\\server.js is on a network drive (N:)";
    expect(() => checkLocalPath(api, "n:\\server.js", fakeLinks())).toThrow(refused);
  });
});

describe("the queries of the check", () => {
  it("contain each path once, even if files share parent folders", () => {
    const asked: string[] = [];
    const count = (path: string): undefined => {
      asked.push(path);
    };
    const api: FolderApi = {
      readFileSecurity: (path) => {
        asked.push(`security of ${path}`);
        return inProgramFiles;
      },
      accountName: () => null,
      isWine: () => false,
    };
    const files = ["C:\\Program Files\\a\\node.exe", "C:\\Program Files\\a\\server.js"];
    findWritablePaths(api, files, rememberLinks({ target: count, real: () => undefined }));
    expect(asked).toEqual([...new Set(asked)]);
    expect(asked).toContain("C:\\Program Files\\a");
    expect(asked).toContain("security of C:\\Program Files\\a");
  });
});
