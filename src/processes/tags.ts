/**
 * A mark on processes that they inherit and cannot lose: a number in a resource limit that the kernel
 * has ignored since 2.4.25, RLIMIT_LOCKS, kept and shown anyway.
 *
 * It passes fork(2), execve(2), setsid(2), a change of user, an overwritten environment and title, and
 * everybody may read it in `/proc/<pid>/limits`, without ptrace(2)'s rights. A process that somebody
 * else brought into the container does not carry it.
 *
 * Permissions: `--allow-ffi` to set it, all of them for `/proc`.
 *
 * @see https://man7.org/linux/man-pages/man2/getrlimit.2.html
 * @module
 */
import type { Libc } from "../linux/libc.ts";
import { mayReadProc } from "../host/ask_permission.ts";

const RLIMIT_LOCKS = 10;

/** Runs that can be told apart; their numbers begin again after so many. */
const RUNS = 1_000_000n;

/** RLIM_INFINITY. */
const UNLIMITED = 2n ** 64n - 1n;

/** What a mark says. */
export type Mark =
  /** The process carries this instance's mark: of a run, 0 for none in particular. */
  | { readonly kind: "ours"; readonly run: number }
  /** It carries none, so nothing of ours has started it. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown" };

/** The marks of one instance. */
export class LimitMarks {
  readonly #libc: Libc | undefined;
  readonly #base: bigint;
  #isInUse = false;
  /** The limit that processes have which carry no mark. */
  #plain = "unlimited";

  constructor(libc: Libc | undefined) {
    this.#libc = libc;
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    // Below 2^62, so that nobody who reads it as a signed number is surprised; as decimal digits the
    // instance comes first and the run last.
    this.#base = (1_000_000_000_000n + BigInt(random)) * RUNS;
  }

  /** Whether a process without a mark is a stranger. */
  get isInUse(): boolean {
    return this.#isInUse;
  }

  /** The digits that every mark of this instance begins with; `undefined` where none was set. */
  get prefix(): string | undefined {
    return this.#isInUse ? String(this.#base / RUNS) : undefined;
  }

  /** Marks the process from which all others descend, before it has any. */
  begin(pid: number): boolean {
    try {
      this.#plain = readLimit(pid) ?? this.#plain;
    } catch {
      return false; // What cannot be read afterwards is of no use.
    }
    this.#isInUse = this.#set(pid, 0) && this.read(pid).kind === "ours";
    return this.#isInUse;
  }

  /**
   * Marks a process of a run; what it starts from now on carries that mark too. Fails for another
   * user's process where we lack CAP_SYS_RESOURCE: it keeps the mark that it inherited.
   */
  mark(pid: number, run: number): void {
    if (this.#isInUse) this.#set(pid, run);
  }

  #set(pid: number, run: number): boolean {
    if (this.#libc === undefined) return false;
    const limits = new BigUint64Array(2); // Soft and hard.
    if (this.#libc.prlimit(pid, RLIMIT_LOCKS, null, limits) !== 0) return false;
    if (this.#isOthers(limits[0] ?? 0n)) return false;
    limits[0] = this.#base + BigInt(run) % RUNS;
    return this.#libc.prlimit(pid, RLIMIT_LOCKS, limits, null) === 0;
  }

  /** Another instance inside the engine tells its own by its marks: they are left to it. */
  #isOthers(soft: bigint): boolean {
    const plain = this.#plain === "unlimited" ? UNLIMITED : BigInt(this.#plain);
    return soft !== plain && (soft < this.#base || soft >= this.#base + RUNS);
  }

  /** Reads a process's mark. */
  read(pid: number): Mark {
    try {
      const digits = readLimit(pid);
      if (digits === undefined) return { kind: "unknown" };
      if (digits === this.#plain) return { kind: this.#isInUse ? "none" : "unknown" };
      // Any other number is another instance's, one inside the engine for example.
      const offset = BigInt(digits === "unlimited" ? 0 : digits) - this.#base;
      return offset >= 0n && offset < RUNS
        ? { kind: "ours", run: Number(offset) }
        : { kind: "unknown" };
    } catch {
      return { kind: "unknown" };
    }
  }
}

function readLimit(pid: number): string | undefined {
  if (!mayReadProc()) return undefined;
  const text = Deno.readTextFileSync(`/proc/${pid}/limits`);
  return /^Max file locks +(\d+|unlimited) /m.exec(text)?.[1];
}
