/**
 * Pipes that others open by a path, and the shell that holds them open.
 *
 * Permissions: `--allow-run=/bin/sh`; all of them for `/proc`.
 *
 * @module
 */
import { isGranted } from "../host/ask_permission.ts";
import type { UserNumbers } from "../host/host_facts.ts";
import { withDeadline } from "../host/streams.ts";

/** What supervisord opens to reach our stdout, and our stderr. */
export interface OutputPaths {
  readonly stdout: string;
  readonly stderr: string;
}

/** A pipe each for stdout and stderr that others can open by a path. */
export interface HeldPipes {
  /** The process that holds their writing ends. */
  readonly pid: number;
  /** What leads to them. */
  readonly paths: OutputPaths;
  /** What is written to them. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves if that process ends though it was not closed. */
  readonly lost: Promise<void>;
  /** Has another process hold the same pipes, which are opened by these paths; returns whether it does. */
  readonly holdAgain: (paths: OutputPaths) => boolean;
  /** Ends that process, once: the streams end when nobody else has them open. */
  readonly close: () => Promise<void>;
}

/** How long the holder of a pipe may take to read that it is let go of, ms. */
const RELEASE_MS = 1_000;

/**
 * Has both ends of the pipes, once a line says that it may open them. Another one says that it is let go of.
 * Without that we were killed, and it reads on for those who still write, who would die of that else, in the
 * middle of a drain.
 */
const HOLD = `
trap '' HUP INT QUIT TERM USR1 USR2
read -r _ || exit 0
[ -r /proc/self/fd/1 ] && [ -r /proc/self/fd/2 ] && exec 3</proc/self/fd/1 4</proc/self/fd/2
if read -r _; then exit 0; fi
exec </dev/null >/dev/null 2>&1
cat <&3 & cat <&4
`;

/** Opens the pipes by their paths first. */
const HOLD_AGAIN = `exec >>"$1" 2>>"$2" || exit\n${HOLD}`;

/** What it is told, each time. */
const LINE = new TextEncoder().encode("\n");

/**
 * A shell that does nothing but exist: its stdout and stderr are the pipes. It ends when we do, and when
 * nobody has them any more. It runs as the user that supervisord becomes, primary group and all, since only
 * that one may look into its `/proc/<pid>/fd`.
 *
 * @see https://man7.org/linux/man-pages/man2/ptrace.2.html, "Ptrace access mode checking"
 */
export function holdPipes(
  user: UserNumbers | undefined,
  links?: OutputPaths,
): HeldPipes | undefined {
  let child: Deno.ChildProcess;
  const others = user === undefined ? new Set<string>() : listReadPipes();
  try {
    child = new Deno.Command("/bin/sh", {
      args: ["-c", HOLD, "output-holder"],
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    }).spawn();
  } catch {
    return undefined;
  }
  // Not by way of the child: into another user's /proc/<pid>/fd we may not look without CAP_SYS_PTRACE.
  if (user !== undefined) {
    for (const path of listReadPipes()) if (!others.has(path)) Deno.chmodSync(path, 0o666);
  }
  const { stdout, stderr } = child;
  let lost = Promise.withResolvers<void>();
  let holder: { readonly child: Deno.ChildProcess; readonly writer: Writer };
  const begin = (held: Deno.ChildProcess) => {
    holder = { child: held, writer: held.stdin.getWriter() };
    holder.writer.write(LINE).catch(() => {}); // It has ended.
    const isLost = lost = Promise.withResolvers<void>();
    held.status.then(() => closing === undefined && isLost.resolve());
  };
  let closing: Promise<unknown> | undefined;
  begin(child);
  const paths = { stdout: `/proc/${child.pid}/fd/1`, stderr: `/proc/${child.pid}/fd/2` };
  const isLinked = links !== undefined && link(links, paths);
  return {
    ...{ stdout, stderr, paths: isLinked ? links : paths },
    get pid() {
      return holder.child.pid;
    },
    get lost() {
      return lost.promise;
    },
    holdAgain: (own) => {
      if (!isLinked || user !== undefined || closing !== undefined) return false;
      try {
        link(links, own); // From now on they do not depend on what holds the pipes.
        begin(
          new Deno.Command("/bin/sh", {
            args: ["-c", HOLD_AGAIN, "output-holder", own.stdout, own.stderr],
            clearEnv: true,
            stdin: "piped",
            stdout: "null",
            stderr: "null",
            detached: true,
          }).spawn(),
        );
        return true;
      } catch {
        return false;
      }
    },
    close: async () => {
      closing ??= letGo(holder.child, holder.writer);
      await closing;
    },
  };
}

type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Puts links in the place of those that are there; Deno wants all of reading and writing permitted for that. */
function link(links: OutputPaths, targets: OutputPaths): boolean {
  // Asked without it, Deno would prompt on a terminal, and wait.
  if (!isGranted({ name: "read" }) || !isGranted({ name: "write" })) return false;
  try {
    for (const stream of ["stdout", "stderr"] as const) {
      Deno.symlinkSync(targets[stream], `${links[stream]}.new`);
      Deno.renameSync(`${links[stream]}.new`, links[stream]);
    }
    return true;
  } catch {
    return false;
  }
}

async function letGo(
  child: Deno.ChildProcess,
  writer: Writer,
): Promise<void> {
  try {
    await writer.write(LINE);
    await writer.close();
    await withDeadline(child.status, RELEASE_MS);
    child.kill("SIGKILL"); // Somebody has stopped it, and the end must not wait for that.
  } catch { /* It has ended. */ }
  await child.status;
}

/** The pipes that we read from, by paths that lead to them. */
function listReadPipes(): Set<string> {
  const paths = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => `/proc/self/fd/${name}`);
  return new Set(paths.filter((path) => findReadPipe(path) !== undefined));
}

/** Which pipe a path in `/proc/<pid>/fd` only reads from; `undefined` where it does anything else. */
export function findReadPipe(path: string): string | undefined {
  try {
    const mode = Deno.lstatSync(path).mode ?? 0; // As it was opened, of proc_pid_fd(5).
    if ((mode & 0o600) !== 0o400) return undefined;
    const target = Deno.readLinkSync(path);
    return target.startsWith("pipe:") ? target : undefined;
  } catch {
    return undefined; // Closed meanwhile: the one that listed them.
  }
}
