/**
 * What it means that supervisord could not spawn a process.
 *
 * @module
 */
import type { Outcome } from "./outcome.ts";

/**
 * What an error of supervisord's own spawn means: it never started the command, and would fail the
 * same way again, unless the machine merely ran out of something.
 */
export function spawnFailure(name: string, spawnError: string): Outcome | undefined {
  if (/too many processes|EAGAIN|ENOMEM/i.test(spawnError)) return undefined;
  if (/can't find command/.test(spawnError)) {
    return { kind: "command_not_found", reason: spawnError };
  }
  if (/is not executable|is a directory|no permission/i.test(spawnError)) {
    return { kind: "command_not_executable", reason: spawnError };
  }
  // supervisord names neither the option nor the path.
  const [, errno] = /making dispatchers for .*: (\w+)$/.exec(spawnError) ?? [];
  const reason = errno === undefined
    ? spawnError
    : `a file of its stdout_logfile or stderr_logfile cannot be opened (${errno})`;
  return {
    kind: "gave_up",
    reason: `${name} cannot be spawned: ${reason}`,
    lastExit: undefined,
  };
}
