/**
 * Sees to it that the engine does not run on without its supervisor.
 *
 * A shell waits for the end of a pipe that only we hold. When we are killed, the kernel closes it, and
 * the shell ends what is left: supervisord first, so that nothing is restarted, then when that has ended, or
 * after a short grace, everything that descended from it or carries our marker. As PID 1 there is no need, for the
 * kernel itself does it.
 *
 * The script is constant and takes its values as arguments; no shell reads what users wrote.
 *
 * Permissions: `--allow-run=/bin/sh`.
 *
 * @module
 */

import { withDeadline } from "../log/with_deadline.ts";
import type { InstanceMarker } from "./instance_marker.ts";
import type { LimitMarks } from "./tags.ts";

/**
 * What a killed supervisor's engine gets to end by itself, tenths of a second: "a few seconds". supervisord,
 * which nobody wakes then, takes up to a whole one to hear of it.
 */
const GRACE_TENTHS = 40;

// read fails at the pipe's end, and only then; a line of ours would mean that we ended as we should.
// Workers that have overwritten their environment are known by their descent, as long as it lasts; the
// start time tells one from a later process with the same pid.
const SCRIPT = `
trap '' HUP INT TERM QUIT USR1 USR2
if read -r _; then exit 0; fi
supervisord=$1 marker=$2 grace=$3 directory=$4 mark=$5
look() {
  read -r stat <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  state=$1 parent=$2 start=\${20}
  [ -n "$start" ]
}
family=" $supervisord " known= grown=1
while [ -n "$grown" ]; do
  grown=
  for path in /proc/[0-9]*; do
    pid=\${path#/proc/}
    case $family in *" $pid "*) continue ;; esac
    look "$pid" || continue
    case $family in *" $parent "*) family="$family$pid " known="$known $pid:$start" grown=1 ;; esac
  done
done
kill -s TERM "$supervisord"
while [ "$grace" -gt 0 ] && look "$supervisord" && [ "$state" != Z ]; do
  sleep 0.1 || { sleep 1; grace=$((grace - 9)); }
  grace=$((grace - 1))
done
kill -s KILL "$supervisord"
for process in $known; do
  pid=\${process%:*}
  look "$pid" && [ "$start" = "\${process#*:}" ] && kill -s KILL "$pid"
done
for round in 1 2 3 4 5; do
  found=
  for path in $(grep -lF "$marker" /proc/[0-9]*/environ) \\
    $(grep -l "^Max file locks  *$mark" /proc/[0-9]*/limits); do
    pid=\${path#/proc/} pid=\${pid%/*}
    [ "$pid" != "$$" ] && kill -s KILL "$pid" && found=1
  done
  [ -z "$found" ] && break
done
rm -rf "$directory"
`;

/** How long it may take to read that it is let go of, ms: it only waits for that. */
const RELEASE_MS = 2_000;

/** A guard that is held. */
export interface Guard {
  /** The shell's pid. */
  readonly pid: number;
  /** Lets go without harm. */
  readonly release: () => Promise<void>;
}

/** Holds a guard. */
export function startGuard(
  supervisordPid: number,
  marker: InstanceMarker,
  marks: LimitMarks,
  runDirectory: string,
): Guard | undefined {
  if (Deno.pid === 1) return undefined;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("/bin/sh", {
      args: [
        "-c",
        SCRIPT,
        "guard",
        String(supervisordPid),
        marker.assignment,
        String(GRACE_TENTHS),
        runDirectory,
        marks.prefix ?? "none",
      ],
      clearEnv: true,
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  } catch {
    return undefined;
  }
  const writer = child.stdin.getWriter();
  return {
    pid: child.pid,
    release: async () => {
      try {
        await writer.write(new TextEncoder().encode("released\n"));
        await writer.close();
        await withDeadline(child.status, RELEASE_MS);
        child.kill("SIGKILL"); // Somebody has stopped it, and the end must not wait for that.
      } catch { /* It has ended; then there is nothing to let go of. */ }
      await child.status;
    },
  };
}
