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
    assertEquals(parseCommandLine(["--check", ...argv]), { kind: "check", argv });
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
  ];
  for (const [args, kind, code] of cases) {
    const invocation = parseCommandLine(args);
    assertEquals(invocation.kind, kind, args.join(" "));
    if (code !== undefined) assertEquals(invocation.kind === "misuse" && invocation.code, code);
  }
});
