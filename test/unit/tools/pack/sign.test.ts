import { describe, expect, it } from "vitest";

import { checkSigning, signCommand, type SignOptions } from "../../../../src/tools/pack/sign.ts";

const usage = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });
const options: SignOptions = {
  passwordVariable: "PASSWORD",
  certificate: "c.pfx",
  timestampUrl: "http://time.example",
};

describe("signCommand", () => {
  it("signs in place with signtool", () => {
    expect(signCommand("a.exe", "Contoso", options, undefined, "win32")).toEqual({
      program: "signtool.exe",
      args: "sign /fd sha256 /d Contoso /f c.pfx /tr http://time.example /td sha256 a.exe".split(
        " ",
      ),
      output: undefined,
    });
  });

  it.each([
    [{ thumbprint: "AB" }, ["/sha1", "AB"]],
    [{}, ["/a"]],
  ])("lets signtool search the Windows stores: %o", (by, args) => {
    const command = signCommand("a.exe", "C", { passwordVariable: "P", ...by }, undefined, "win32");
    expect(command.args).toEqual(["sign", "/fd", "sha256", "/d", "C", ...args, "a.exe"]);
  });

  it("lets osslsigncode write another file and read the password from a file", () => {
    const { program, args, output } = signCommand("a.exe", "Contoso", options, "p", "linux");
    expect(program).toBe("osslsigncode");
    expect(args.join(" ")).toBe(
      "sign -pkcs12 c.pfx -readpass p -h sha256 -n Contoso -ts http://time.example -in a.exe -out a.exe.signed",
    );
    expect(output).toBe("a.exe.signed");
  });
});

describe("checkSigning", () => {
  it.each<[string, SignOptions, NodeJS.ProcessEnv, NodeJS.Platform]>([
    ["a password that would show on signtool's command line", options, { PASSWORD: "x" }, "win32"],
    ["osslsigncode without a file", { passwordVariable: "PASSWORD" }, {}, "linux"],
    ["a store of Windows elsewhere", { ...options, thumbprint: "AB" }, {}, "linux"],
  ])("refuses %s", (_, given, environment, platform) => {
    expect(() => checkSigning(given, environment, platform)).toThrow(usage);
  });

  it.each<[SignOptions, NodeJS.ProcessEnv, NodeJS.Platform]>([
    [options, { PASSWORD: "x" }, "linux"],
    [options, {}, "linux"],
    [{ passwordVariable: "PASSWORD" }, {}, "win32"],
  ])("accepts %o with %o on %s", (given, environment, platform) => {
    expect(() => checkSigning(given, environment, platform)).not.toThrow();
  });
});
