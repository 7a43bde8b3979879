/** What a field test knows of a real engine: how it is had and started, and what is expected of it. */
import type { TreeProcess } from "../support/namespace.ts";

/** Where one run of it takes place. */
export interface Place {
  /** A directory of its own, removed afterwards. */
  readonly directory: string;
  /** Where its programs lie. */
  readonly bin: string;
  readonly port: number;
}

/** A request; POST where it has a body. */
export interface Question {
  readonly path: string;
  readonly json?: unknown;
}

/** Who makes it whole again: standard-supervisor, the engine itself, nobody. */
export type Mender = "us" | "engine" | "nobody";

/** A process of it is killed (SIGKILL) or made to hang (SIGSTOP). */
export interface Fault {
  readonly role: string;
  readonly signal: "SIGKILL" | "SIGSTOP";
  /** Whether its health is probed, each second, so that two failures end it. */
  readonly isProbed?: true;
  /** What is probed, where that is not what the engine's other faults have. */
  readonly healthPath?: string;
  /** Several where that depends on which process holds a lock. */
  readonly by: Mender | readonly Mender[];
  /** Where nobody fixes it: whether it answers anyway; unset where that depends. */
  readonly serves?: boolean;
}

/** A start that cannot succeed. */
export interface BadStart {
  readonly title: string;
  /** The command, where that is what is wrong. */
  readonly command?: (place: Place) => readonly string[];
  /** Whether a stranger holds the port. */
  readonly isPortHeld?: true;
  readonly code: number;
  readonly starts: number;
  /** Where it may be taken for started before it fails, on a busy machine: with recoveries on top. */
  readonly mostStarts?: number;
  readonly cause: string;
}

/** A stop while a request of {@linkcode SLOW_SECS} is being answered. */
export interface Drain {
  readonly title: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the request gets its answer. */
  readonly isAnswered: boolean;
}

/** A real engine. */
export interface FieldEngine {
  readonly title: string;
  /** Its version, where {@linkcode packages} do not give it. */
  readonly readVersion?: (bin: string) => string;
  /** What is installed from PyPI, with versions; the first gives the engine's. */
  readonly packages?: readonly string[];
  /** Looks where its programs lie, where it is not from PyPI; `undefined` where they are missing. */
  readonly find?: () => { readonly bin: string } | { readonly missing: string };
  /** Whether it needs `LONG_TESTS=1`. */
  readonly isLong?: true;
  /** How many of its cases may run at a time; a few by default. */
  readonly atOnce?: number;
  /** The profile that recognizes it, by `PROCESS_ENGINE`. */
  readonly profile: string;
  readonly command: (place: Place) => readonly string[];
  readonly env?: (place: Place) => Readonly<Record<string, string>>;
  /** Writes what its command needs. */
  readonly prepare?: (place: Place) => void;
  /** The port that it always has. */
  readonly port?: number;
  /** What is asked, and what takes {@linkcode SLOW_SECS}. */
  readonly question: Question;
  readonly slow: Question;
  /** Which URL `PROCESS_HEALTH_URL` gets where it is probed; `auto` by default. */
  readonly healthPath?: string;
  /** What a process of it is, by its command; the main process is `main`. */
  readonly nameRole: (process: TreeProcess, main: TreeProcess) => string | undefined;
  readonly faults: readonly Fault[];
  readonly badStarts: readonly BadStart[];
  readonly drains: readonly Drain[];
  /** Names of files in `TMPDIR` that it is known to leave. */
  readonly leaves?: RegExp;
}

/** How long a slow request takes, s. */
export const SLOW_SECS = 4;

/** Where the applications lie that the engines serve. */
export const APPS: string = new URL("apps", import.meta.url).pathname;
