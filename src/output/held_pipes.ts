/**
 * Pipes that others open by a path, and the shell that holds them open.
 *
 * Permissions: `--allow-run=/bin/sh`; all of them for `/proc`.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import type { UserNumbers } from "../host/host_facts.ts";

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
  /** Has another process hold the same pipes; returns whether it does. */
  readonly holdAgain: () => boolean;
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
export function holdPipes(user: UserNumbers | undefined): HeldPipes | undefined {
  let child: Deno.ChildProcess;
  const others = user === undefined ? new Set<string>() : listReadPipes();
  try {
    child = spawnHolder(["-c", HOLD, "output-holder"], "piped", user);
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
    held.status.finally(() => closing === undefined && isLost.resolve()).catch(() => {});
  };
  let closing: Promise<unknown> | undefined;
  begin(child);
  const held = { stdout: `/proc/${child.pid}/fd/1`, stderr: `/proc/${child.pid}/fd/2` };
  // Through our own ends they are there whatever becomes of the shell; another user cannot look into ours.
  const own = user === undefined ? openOwn(held) : undefined;
  return {
    ...{ stdout, stderr, paths: own?.paths ?? held },
    get pid() {
      return holder.child.pid;
    },
    get lost() {
      return lost.promise;
    },
    holdAgain: () => {
      if (own === undefined || closing !== undefined) return false;
      try {
        const { stdout, stderr } = own.paths;
        begin(spawnHolder(["-c", HOLD_AGAIN, "output-holder", stdout, stderr], "null", user));
        return true;
      } catch {
        return false;
      }
    },
    close: async () => {
      if (closing === undefined) own?.close();
      closing ??= letGo(holder.child, holder.writer);
      await closing;
    },
  };
}

function spawnHolder(
  args: string[],
  output: "piped" | "null",
  user: UserNumbers | undefined,
): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    ...{ args, clearEnv: true, stdin: "piped", stdout: output, stderr: output, detached: true },
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  }).spawn();
}

type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Opens the writing ends of pipes by paths, and finds the paths that lead to our own ends from anywhere. */
function openOwn(
  paths: OutputPaths,
): { readonly paths: OutputPaths; readonly close: () => void } | undefined {
  if (!mayReadProc()) return undefined; // Asked without it, Deno would prompt on a terminal, and wait.
  const files: Deno.FsFile[] = [];
  const close = () => files.forEach((file) => file.close());
  try {
    const [stdout, stderr] = [paths.stdout, paths.stderr].map((path) => {
      files.push(Deno.openSync(path, { append: true }));
      const pipe = Deno.readLinkSync(path);
      const own = [...Deno.readDirSync("/proc/self/fd")].find(({ name }) =>
        findPipe(`/proc/self/fd/${name}`, 0o200) === pipe
      );
      return own && `/proc/${Deno.pid}/fd/${own.name}`;
    });
    if (stdout !== undefined && stderr !== undefined) return { paths: { stdout, stderr }, close };
  } catch { /* It has ended. */ }
  close();
  return undefined;
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
  return findPipe(path, 0o400);
}

function findPipe(path: string, access: 0o200 | 0o400): string | undefined {
  try {
    const mode = Deno.lstatSync(path).mode ?? 0; // As it was opened, of proc_pid_fd(5).
    if ((mode & 0o600) !== access) return undefined;
    const target = Deno.readLinkSync(path);
    return target.startsWith("pipe:") ? target : undefined;
  } catch {
    return undefined; // Closed meanwhile: the one that listed them.
  }
}
