import type { Cause } from "./cause.ts";
import { assertEquals } from "@std/assert";
import { type GiveUpExitCode, type Outcome, reportExit } from "./outcome.ts";
import { type Exit, exitToCode } from "../formats/exit.ts";

const code = (code: number): Exit => ({ kind: "code", code });
const signal = (signal: string | undefined): Exit => ({ kind: "signal", signal });

Deno.test("exitToCode() gives what a shell would", () => {
  const cases: [Exit, number][] = [
    [code(0), 0],
    [code(255), 255],
    [signal("SIGTERM"), 143],
    [signal("SIGKILL"), 137],
    [signal("SIGSEGV"), 139],
    [signal(undefined), 137],
  ];
  for (const [exit, expected] of cases) assertEquals(exitToCode(exit), expected);
});

Deno.test("reportExit() maps every outcome to its exit code", () => {
  const gaveUp = (lastExit: Exit | undefined): Outcome => ({
    kind: "gave_up",
    reason: "x",
    lastExit,
  });
  const gaveUpOf = (cause: Cause): Outcome => ({
    ...{ kind: "gave_up", reason: "x", lastExit: code(1) },
    death: { cause, meaning: "m", evidence: [], advice: "a" },
  });
  const cases: [Outcome, GiveUpExitCode, number][] = [
    [{ kind: "stopped", by: "SIGTERM" }, 1, 0],
    [{ kind: "engine_ended", exit: code(7) }, 1, 7],
    [{ kind: "engine_ended", exit: code(0) }, 1, 0],
    [{ kind: "engine_ended", exit: code(7), group: "g" }, 1, 7],
    [{ kind: "engine_ended", exit: code(0), group: "g" }, 1, 1],
    [gaveUp(code(7)), 1, 1],
    [gaveUp(code(7)), 42, 42],
    [gaveUp(code(7)), "engine", 7],
    [gaveUp(code(0)), "engine", 1],
    [gaveUp(signal("SIGKILL")), "engine", 137],
    [gaveUp(undefined), "engine", 1],
    [gaveUp(code(7)), "cause", 70],
    [gaveUpOf("bad_arguments"), "cause", 78],
    [gaveUpOf("shm_exhausted"), "cause", 71],
    [gaveUpOf("gpu_lost"), "cause", 69],
    [gaveUpOf("network"), "cause", 75],
    [gaveUpOf("hang"), "cause", 70],
    [{ kind: "not_installed", reason: "x" }, 42, 1],
    [{ kind: "command_not_found", reason: "x" }, 1, 127],
    [{ kind: "command_not_executable", reason: "x" }, 1, 126],
    [{ kind: "supervisord_failed", reason: "x" }, 1, 125],
  ];
  for (const [outcome, giveUp, expected] of cases) {
    assertEquals(reportExit(outcome, giveUp).code, expected);
  }
});
