import { assertEquals } from "@std/assert";
import { parseGenerateCommandLine } from "./generate_command_line.ts";

// The exit codes beside the original's: tests/original_differential_test.ts.

Deno.test("parseGenerateCommandLine() spells options as argparse does", () => {
  const spellings = [
    ["-o", "f", "-p", "web", "--log-level", "INFO", "x"],
    ["--output", "f", "--program-name", "web", "--log-level", "INFO", "x"],
    ["--output=f", "--program-name=web", "--log-level=INFO", "--", "x"],
    ["-of", "-p=web", "--log", "INFO", "x"],
    ["-o", "old", "--out=f", "--p", "web", "--l=INFO", "x"],
    ["x", "-o", "f", "-p", "web", "--log-level", "INFO"],
    ["-p", "other", "x", "--log-level", "INFO", "-p", "web", "-o", "f"],
  ];
  for (const args of spellings) {
    assertEquals(
      parseGenerateCommandLine(args),
      { kind: "generate", output: "f", programName: "web", logLevel: "INFO", argv: ["x"] },
      args.join(" "),
    );
  }
});

Deno.test("parseGenerateCommandLine() hands everything from the command on over as it is", () => {
  const argvs = [
    ["x", "-o", "g", "-p", "8000"],
    ["x", "--help", "--", "-o"],
    ["-", ""],
    ["-5"],
  ];
  for (const argv of argvs) {
    const expected = { output: "f", programName: undefined, logLevel: "ERROR", argv } as const;
    assertEquals(
      parseGenerateCommandLine(["-o", "f", ...argv]),
      { kind: "generate", ...expected },
      argv.join(" "),
    );
  }
  const args = ["x", "--port", "1", "-p", "web", "-o", "f"];
  const invocation = parseGenerateCommandLine(args);
  assertEquals(invocation.kind === "generate" && invocation.argv, ["x", "--port", "1"]);
});

Deno.test("parseGenerateCommandLine() refuses what it cannot read", () => {
  const cases: [string[], 1 | 2][] = [
    [[], 2],
    [["-o"], 2],
    [["-o", "f"], 2],
    [["-o", "f", "--"], 2],
    [["-o", "--", "x"], 2],
    [["--help=1", "x"], 2],
    [["--", "x", "-o", "f"], 2],
    [["x", "-o", "f", "y"], 2],
    [["-o", "f", "--log-level", "info", "x"], 2],
    [["-o", "f", "-p", "a:b", "x"], 1],
  ];
  for (const [args, code] of cases) {
    const invocation = parseGenerateCommandLine(args);
    assertEquals(invocation.kind === "misuse" && invocation.code, code, args.join(" "));
  }
  for (const [flag, kind] of [["-h", "help"], ["--he", "help"], ["-V", "version"]] as const) {
    assertEquals(parseGenerateCommandLine([flag, "x"]), { kind });
  }
});
