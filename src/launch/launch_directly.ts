/**
 * A launch without supervisord: this process is replaced, or the engine runs as a child.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { lookUpCommand } from "../host/command_lookup.ts";
import { openLibc } from "../linux/libc.ts";
import type { Outcome } from "../policy/outcome.ts";
import { readIgnored, replaceProcess, runAsChild, runChild } from "./direct.ts";
import type { LaunchRun } from "./launch_run.ts";

/** Launches the engine by itself. */
export async function launchDirectly(run: LaunchRun, env: Environment): Promise<Outcome> {
  const { argv, signals, output, options } = run;
  const lookup = lookUpCommand(argv[0] ?? "", env.PATH);
  if (lookup.kind !== "found") return { kind: `command_${lookup.kind}`, reason: lookup.reason };
  const command = { argv, path: lookup.path, env: options.env };
  const libc = openLibc();
  if (options.replace) {
    await options.flush?.();
    const [by] = signals.stopSignals;
    if (by !== undefined) return { kind: "stopped", by };
    const ignored = readIgnored(run.processSignals);
    if (libc === undefined) {
      return { kind: "engine_ended", exit: await runAsChild(command, ignored) };
    }
    replaceProcess(libc, command, ignored);
    return { kind: "command_not_executable", reason: `Cannot execute ${lookup.path}` };
  }
  const [early] = signals.stopSignals;
  if (early !== undefined) return { kind: "stopped", by: early };
  const [name = ""] = argv;
  const beganMs = performance.now();
  let child = 0;
  const onSpawn = (pid: number) => {
    child = pid;
    run.noteSpawn(pid);
    run.tell({ kind: "spawned", name, run: 1, pid });
    run.tell({ kind: "started", name, run: 1, pid, afterMs: 0 });
  };
  const exit = await runChild(command, { libc, output, signals, onSpawn });
  const [by] = signals.stopSignals;
  if (by !== undefined) return { kind: "stopped", by };
  const afterMs = performance.now() - beganMs;
  run.tell({
    ...{ kind: "died", name, run: 1, pid: child, exit, afterMs },
    ...{
      wasStarted: true,
      failedStarts: 0,
      death: undefined,
      next: { kind: "none", rule: "autorestart" },
    },
  });
  return { kind: "engine_ended", exit };
}
