import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "./configuration_error.ts";
import { quoteArgument, quoteCommand } from "./quote_command.ts";

Deno.test("quoteArgument() leaves plain words alone and quotes the rest", () => {
  const cases: [string, string][] = [
    ["vllm", "vllm"],
    ["--port=8000", "--port=8000"],
    ["a b", "'a b'"],
    ["", "''"],
    ["it's", `'it'"'"'s'`],
    ["$HOME", "'$HOME'"],
  ];
  for (const [argument, quoted] of cases) assertEquals(quoteArgument(argument), quoted);
});

Deno.test("quoteCommand() protects what quotes do not", () => {
  const cases: [string, string][] = [
    ["a b", "'a b'"],
    ["", "''"],
    ["50%", "'50%%'"],
    ["%(here)s", "'%%''(here)s'"],
    ["a ;b", "'a '';b'"],
    ["#", "'''#'"],
    ["a\nb", "'a''\n''b'"],
    ["it's", `'it'"'"'s'`],
  ];
  for (const [argument, quoted] of cases) {
    const { command, environment } = quoteCommand(["run", argument]);
    assertEquals([argument, command, environment.size], [argument, `run ${quoted}`, 0]);
  }
});

Deno.test("quoteCommand() sends carriage returns through the environment", () => {
  const { command, environment } = quoteCommand(["run", "a\r\nb"], "ARG_");
  assertEquals(command, "run %(ENV_ARG_1)s");
  assertEquals([...environment], [["ARG_1", "'a\r\nb'"]]);
});

Deno.test("quoteCommand() refuses what no program can receive", () => {
  for (const argument of ["a\0b", "\ud800"]) {
    assertThrows(() => quoteCommand(["run", argument]), ConfigurationError);
  }
});
