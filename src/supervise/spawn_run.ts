/**
 * What must be there before supervisord has started anything: itself, its mark, the guard.
 *
 * All else is loaded while Python starts, which takes it longer.
 *
 * @module
 */
import { type Libc, openLibc } from "../linux/libc.ts";
import { type Guard, startGuard } from "../processes/guardian.ts";
import { LimitMarks } from "../processes/tags.ts";
import { SupervisordLogState } from "../supervisord/log_state.ts";
import { SupervisordProcess } from "../supervisord/supervisord_process.ts";
import { Hints } from "./hints.ts";
import type { PreparedRun } from "./prepare_run.ts";
import type { SuperviseOptions } from "./supervise_options.ts";
import { Wakeup } from "./wakeup.ts";

/** supervisord, and what came with it. */
export interface SpawnedRun {
  readonly supervisord: SupervisordProcess;
  readonly logState: SupervisordLogState;
  readonly marks: LimitMarks;
  readonly guard: Guard | undefined;
  readonly libc: Libc | undefined;
  /** What the loop waits for. */
  readonly hints: Hints;
  readonly wakeup: Wakeup;
  /** Something happened that must be looked at now. */
  readonly urgent: () => void;
  /** Something may have happened. */
  readonly hint: () => void;
}

/**
 * Spawns supervisord.
 *
 * @throws {Error} If it cannot be spawned.
 */
export function spawnRun(
  options: SuperviseOptions,
  prepared: PreparedRun,
  command: readonly [string, ...string[]],
): SpawnedRun {
  const { log } = options;
  const names = [...prepared.policy.programs.keys()];
  const programs = new Set(names.map((name) => name.slice(name.indexOf(":") + 1)));
  const [hints, wakeup] = [new Hints(), new Wakeup()];
  const urgent = () => hints.urgent(wakeup);
  const hint = () => hints.hint(wakeup);
  const logState = new SupervisordLogState(log);
  const supervisord = new SupervisordProcess({
    command,
    configPath: prepared.directory.config,
    env: prepared.env,
    inheritsEnv: options.inheritsEnv,
    address: prepared.address,
    sharesOwn: prepared.output.sharesOwn,
    outputWriters: prepared.output.outputWriters,
    changesUser: prepared.changesUser,
    onWords: (line) => logState.takeWords(line),
    log: prepared.log,
    onLog: (lines) => {
      const stepped = logState.take(lines);
      const hasBegun = lines.some(({ text }) => text.startsWith("supervisord started with pid "));
      // Only what supervisord restarts by itself is paced: a question would make it restart faster.
      if (hasBegun || !stepped.isDisjointFrom(programs)) urgent();
      else hint();
    },
    onDoubt: (silentSecs) =>
      log.warn(
        `supervisord has not answered for ${silentSecs} s, and /proc does not tell whether it hangs ` +
          "or waits for the reader of its output: waiting on (--cap-add=SYS_PTRACE shows it)",
      ),
    onEnd: urgent,
  });
  const { pid } = supervisord;
  log.debug(`supervisord spawned (pid ${pid})`, { event: "supervisord_spawned", pid });
  // All that takes time comes after the spawn.
  const libc = openLibc();
  const marks = new LimitMarks(libc);
  marks.begin(pid);
  options.onSpawn({
    pid,
    address: prepared.address,
    directory: prepared.directory.path,
    engineNames: prepared.engineNames,
    limits: prepared.policy.programs,
    shutdownGraceMs: prepared.policy.shutdownGraceMs,
  });
  const guard = startGuard(pid, prepared.marker, marks, prepared.directory.path);
  if (guard === undefined && Deno.pid !== 1) {
    log.warn("Cannot run /bin/sh: were this process killed, the engine would run on");
  }
  return { supervisord, logState, marks, guard, libc, hints, wakeup, urgent, hint };
}
