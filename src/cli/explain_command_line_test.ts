import { assert, assertEquals } from "@std/assert";
import { parseCommandLine } from "./command_line.ts";

Deno.test("parseCommandLine() takes --explain with its options in any order", () => {
  const cases: [string[], Record<string, unknown>][] = [
    [["--explain"], {}],
    [["--explain", "-"], {}],
    [["--explain", "log"], { file: "log" }],
    [["--explain=log"], { file: "log" }],
    [["--explain", "--", "--log"], { file: "--log" }],
    [["--json", "--explain", "log"], { file: "log", isJson: true }],
    [["--explain", "log", "--json"], { file: "log", isJson: true }],
    [["--exit-code", "3", "--explain", "log"], { file: "log", exit: { kind: "code", code: 3 } }],
    [["--explain", "log", "--exit-code=0"], { file: "log", exit: { kind: "code", code: 0 } }],
    [["--explain", "--exit-code", "-9"], { exit: { kind: "signal", signal: "SIGKILL" } }],
    [["--explain", "--exit-code", "3221225781"], { exit: { kind: "code", code: 3221225781 } }],
    [["--explain", "--signal", "SIGSEGV"], { exit: { kind: "signal", signal: "SIGSEGV" } }],
    [["--explain", "--signal", "segv"], { exit: { kind: "signal", signal: "SIGSEGV" } }],
    [["--explain", "--signal=9", "-"], { exit: { kind: "signal", signal: "SIGKILL" } }],
  ];
  for (const [args, parts] of cases) {
    assertEquals(
      parseCommandLine(args) as unknown,
      { kind: "explain", file: undefined, exit: undefined, isJson: false, ...parts },
      args.join(" "),
    );
  }
});

Deno.test("parseCommandLine() refuses a senseless --explain with 2", () => {
  const cases: string[][] = [
    ["--explain", "a", "b"],
    ["--explain", "--verbose"],
    ["--explain", "--exit-code"],
    ["--explain", "--exit-code", "x"],
    ["--explain", "--exit-code", "99999999999"],
    ["--explain", "--exit-code", "-99"],
    ["--explain", "--signal", "SIGNOPE"],
    ["--explain", "--signal", "77"],
    ["--explain", "--signal", "9", "--exit-code", "1"],
  ];
  for (const args of cases) {
    const invocation = parseCommandLine(args);
    assert(invocation.kind === "misuse" && invocation.code === 2, args.join(" "));
  }
});

Deno.test("parseCommandLine() leaves a command's own --explain alone", () => {
  for (const argv of [["x", "--explain"], ["--", "--explain"]]) {
    assertEquals(parseCommandLine(argv).kind, "run", argv.join(" "));
  }
});
