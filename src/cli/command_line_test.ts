import { assertEquals } from "@std/assert";
import { parseCommandLine } from "./command_line.ts";

Deno.test("parseCommandLine() hands everything from the command on over as it is", () => {
  const argvs = [
    ["vllm", "serve", "m", "--help"],
    ["x", "--", "--check"],
    ["x", ""],
    ["x", "-o", "--version", "-"],
    [""],
    ["-"],
  ];
  for (const argv of argvs) {
    assertEquals(parseCommandLine(argv), { kind: "run", argv });
    assertEquals(parseCommandLine(["--", ...argv]), { kind: "run", argv });
    const check = { kind: "check", argv } as const;
    assertEquals(parseCommandLine(["--check", ...argv]), { ...check, showsSecrets: false });
    const flags = ["--check", "--show-secrets"];
    assertEquals(parseCommandLine([...flags, ...argv]), { ...check, showsSecrets: true });
  }
  assertEquals(parseCommandLine(["--", "--odd-name"]), { kind: "run", argv: ["--odd-name"] });
});

Deno.test("parseCommandLine() knows its options, and refuses others with 2, no command with 1", () => {
  const cases: [string[], string, (1 | 2)?][] = [
    [["--help"], "help"],
    [["-h", "x"], "help"],
    [["--version"], "version"],
    [["-V"], "version"],
    [[], "misuse", 1],
    [["--"], "misuse", 1],
    [["--check"], "misuse", 1],
    [["--verbose", "x"], "misuse", 2],
    [["-x", "y"], "misuse", 2],
    [["--show-secrets", "y"], "misuse", 2],
  ];
  for (const [args, kind, code] of cases) {
    const invocation = parseCommandLine(args);
    assertEquals(invocation.kind, kind, args.join(" "));
    if (code !== undefined) assertEquals(invocation.kind === "misuse" && invocation.code, code);
  }
});

Deno.test("parseCommandLine() shows no value of an option that it does not know", () => {
  for (const option of ["--api-key=hunter2", "-phunter2"]) {
    const invocation = parseCommandLine([option, "x"]);
    const text = invocation.kind === "misuse" ? invocation.text : "";
    assertEquals(
      [text.includes(option.slice(0, 2)), text.includes("hunter2")],
      [true, false],
      text,
    );
  }
});
