/**
 * How the engine's output reaches ours.
 *
 * supervisord opens a log file's path again for every start of a program. Given `/proc/<our pid>/fd/1`,
 * bytes go from it straight to the container's output, at no cost to us. That does not work on a socket
 * (ENXIO), on a pipe that another user owns (EACCES), on a named pipe without a reader (it would wait
 * for one indefinitely), and on a file that was not opened for appending (writers would overwrite each
 * other). There supervisord gets the path of a pipe of ours, and we copy. The engine's own output always
 * goes that way where the last of it is to be kept (`engine_output.ts`).
 *
 * Its own stdout and stderr are never the container's: when a reader has gone, it writes a traceback
 * there for each chunk, and where that fails too it stops to read from the engine (seen with 4.2.5 and
 * 4.3.0).
 *
 * Permissions: all of them for `/proc`; without them output is always copied. `--allow-run=/bin/sh`.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import type { UserNumbers } from "../host/host_facts.ts";
import type { ByteSink } from "./piped_output.ts";
import { OWN_STDERR, OWN_STDOUT } from "./own_output.ts";
import { OutputWriter } from "./output_writer.ts";
import { relayOutput } from "./relay.ts";
import { type HeldPipes, holdPipes, type OutputPaths } from "./held_pipes.ts";

/** Where output goes: ours, or where a caller reads it. */
export interface OutputTarget {
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** Whether that is our own stdout and stderr, which others may open by themselves. */
  readonly isOwn: boolean;
}

/** Our own stdout and stderr. */
export const OWN_OUTPUT: OutputTarget = {
  stdout: OWN_STDOUT,
  stderr: OWN_STDERR,
  isOwn: true,
};

/** Where output goes, as several sources write to it. */
export class OutputWriters {
  readonly stdout: OutputWriter;
  readonly stderr: OutputWriter;

  constructor(target: OutputTarget) {
    this.stdout = new OutputWriter(target.stdout);
    this.stderr = new OutputWriter(target.stderr);
  }

  /** How many bytes the readers have taken. */
  get taken(): number {
    return this.stdout.taken + this.stderr.taken;
  }

  /** Something stops: nobody waits long for a reader any more. */
  hurry(): void {
    this.stdout.hurry();
    this.stderr.hurry();
  }

  /** Something starts: readers may take their time again. */
  calm(): void {
    this.stdout.calm();
    this.stderr.calm();
  }
}

/** Pipes that are copied to our output. */
export interface CopiedPipes {
  /** The process that holds their writing ends. */
  readonly pid: number;
  /** Copies what is still in them and lets go; not indefinitely, for who got away may hold them too. */
  readonly release: () => Promise<void>;
}

/** How supervisord and its programs reach our output. */
export interface OutputPlan extends OutputPaths {
  /** The same for the engine. */
  readonly engine: OutputPaths;
  /** Whether programs may name supervisord's own output, which then is copied to ours as it is. */
  readonly sharesOwn: boolean;
  /** The pipes that are copied, where there are any. */
  readonly pipes: CopiedPipes | undefined;
  /** The pipes of the engine's alone, from which somebody has to read; absent where it has none. */
  readonly enginePipes: HeldPipes | undefined;
  /** What leads to our output. */
  readonly outputWriters: OutputWriters;
  /** Whether that is our own stdout and stderr. */
  readonly isOwn: boolean;
  /** Lets go of all pipes. */
  readonly close: () => Promise<void>;
}

/** What decides beside the output itself. */
export interface OutputWishes {
  /** The user that supervisord becomes, who may not open what is ours; `undefined` for none. */
  readonly user: UserNumbers | undefined;
  /** Whether the engine's output goes through us, so that the last of it can be kept. */
  readonly keepsTail: boolean;
  /** Whether others than the engine write to our output. */
  readonly hasOthers: boolean;
}

/** How long the last of the output may take to be copied, ms. */
const DRAIN_MS = 2_000;

/** Decides how supervisord reaches our output. */
export function planOutput(target: OutputTarget, wishes: OutputWishes): OutputPlan {
  const { user, keepsTail, hasOthers } = wishes;
  const outputWriters = new OutputWriters(target);
  const enginePipes = keepsTail ? holdPipes(user) : undefined;
  const opens = (descriptor: 1 | 2) =>
    target.isOwn && user === undefined && canBeOpened(descriptor);
  const [opensStdout, opensStderr] = [opens(1), opens(2)];
  const isNeeded = !(opensStdout && opensStderr) && (hasOthers || enginePipes === undefined);
  const pipes = isNeeded ? copyPipes(user, outputWriters) : undefined;
  const find = (descriptor: 1 | 2, isOpen: boolean): string => {
    if (isOpen) return `/proc/${Deno.pid}/fd/${descriptor}`;
    return pipes === undefined ? `/dev/fd/${descriptor}` : `/proc/${pipes.pid}/fd/${descriptor}`;
  };
  const paths = { stdout: find(1, opensStdout), stderr: find(2, opensStderr) };
  const engine = enginePipes?.paths ?? paths;
  const sharesOwn = isNeeded && pipes === undefined;
  return {
    ...{ ...paths, engine, sharesOwn, pipes, enginePipes, outputWriters, isOwn: target.isOwn },
    close: async () => {
      await pipes?.release();
      await enginePipes?.close();
    },
  };
}

function copyPipes(
  user: UserNumbers | undefined,
  outputWriters: OutputWriters,
): CopiedPipes | undefined {
  const held = holdPipes(user);
  if (held === undefined) return undefined;
  const end = new AbortController();
  const relays = Promise.all([
    relayOutput(held.stdout, outputWriters.stdout, end.signal),
    relayOutput(held.stderr, outputWriters.stderr, end.signal),
  ]);
  return {
    pid: held.pid,
    release: async () => {
      await held.close();
      await withDeadline(relays, DRAIN_MS);
      end.abort();
    },
  };
}

/** Lets any user write to the pipes that a process of our own user has as its output. */
export function openPipes(pid: number): void {
  for (const descriptor of [1, 2]) Deno.chmodSync(`/proc/${pid}/fd/${descriptor}`, 0o622);
}

const O_APPEND = 0o2000;

function canBeOpened(descriptor: 1 | 2): boolean {
  if (!mayReadProc()) return false;
  const path = `/proc/self/fd/${descriptor}`;
  try {
    const target = Deno.readLinkSync(path);
    const info = Deno.statSync(path);
    // Only an anonymous pipe can be opened without waiting for the other side.
    if (info.isFifo && !target.startsWith("pipe:")) return false;
    if (info.isFile && !isAppending(descriptor)) return false;
    Deno.openSync(path, { write: true, append: true }).close();
    return true;
  } catch {
    return false;
  }
}

function isAppending(descriptor: number): boolean {
  const text = Deno.readTextFileSync(`/proc/self/fdinfo/${descriptor}`);
  const flags = /^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? "0";
  return (parseInt(flags, 8) & O_APPEND) !== 0;
}
