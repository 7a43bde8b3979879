/**
 * A shell as PID 1, between the container's runtime and us: it passes no signal on.
 *
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";
import type { Logger } from "../log/logger.ts";

const SHELL = /^(sh|ash|bash|dash|busybox|ksh|mksh|zsh)$/;

/**
 * Warns where our parent is PID 1 and a shell, as with the shell form of `CMD` and `ENTRYPOINT`: a stop
 * reaches the shell alone, so it takes the whole grace and ends with 137. Needs all permissions, for
 * `/proc`; without them nothing is known and nothing said.
 */
export function warnOfParentShell(log: Logger): void {
  if (Deno.pid === 1 || Deno.ppid !== 1 || !mayReadProc()) return;
  let name: string;
  try {
    name = Deno.readTextFileSync("/proc/1/comm").trim();
  } catch {
    return;
  }
  if (!SHELL.test(name)) return;
  log.warn(
    `PID 1 is a shell (${name}), which passes no signal on: a stop of the container will wait for ` +
      "its whole grace and end with 137. Put exec before standard-supervisor, or write CMD and " +
      'ENTRYPOINT as JSON: CMD ["standard-supervisor", …]',
  );
}
