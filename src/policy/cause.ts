/**
 * Why an engine died, as far as a decision depends on it. How it is told lies in `engines/`.
 *
 * @module
 */

/** Why an engine died. */
export type Cause =
  | "bad_arguments"
  | "bad_model"
  | "missing_dependency"
  | "port_in_use"
  | "gpu_out_of_memory"
  | "host_out_of_memory"
  | "shm_exhausted"
  | "disk_full"
  | "gpu_fault"
  | "gpu_lost"
  | "collective_failure"
  | "worker_died"
  | "hang"
  | "network"
  | "permission"
  | "segfault_abort"
  | "python_exception"
  | "clean_exit"
  | "unknown";

/** Why one run died, and what told it. */
export interface Death {
  /** The cause. */
  readonly cause: Cause;
  /** What it means, in a few words. */
  readonly meaning: string;
  /** What told it, at most three lines; empty where only the exit did, or nothing. */
  readonly evidence: readonly string[];
  /** What to do about it, one sentence. */
  readonly advice: string;
  /** Who else holds the engine's port, in words; `undefined` where nobody does or it cannot be seen. */
  readonly portHolder?: string | undefined;
}

/**
 * What is said of a GPU that will be there: the last engine's context is not gone yet (exclusive mode), the
 * fabric manager of NVSwitch has not started yet.
 */
const NOT_YET =
  /busy or unavailable|DEVICE_?S?_?UNAVAILABLE|system not yet initialized|SYSTEM_?NOT_?READY/i;

/** What Triton, llama.cpp and TensorFlow say at every start on a machine without a GPU, and go on. */
const WITHOUT_GPU = /pinned_memory_manager|ggml_cuda_init|failed call to cuInit/;

/**
 * Tells why a failed start would fail the same way again: a wrong command line, a port that a stranger
 * holds, a lost GPU, which only a container elsewhere has. All else may be better next time.
 *
 * @param death Why the run died.
 * @param hasStarted Whether a run with the same command line has started before, which proves it right.
 * @returns A phrase for people; `undefined` where another try may help.
 */
export function findHopelessness(
  { cause, portHolder, evidence }: Death,
  hasStarted: boolean,
): string | undefined {
  switch (cause) {
    case "bad_arguments":
      return hasStarted
        ? undefined
        : "its command line or configuration is wrong, so a restart fails the same way";
    case "port_in_use":
      return portHolder === undefined
        ? undefined
        : `its port is held by ${portHolder}, so a restart fails the same way`;
    case "gpu_lost":
      return evidence.some((line) => NOT_YET.test(line) || WITHOUT_GPU.test(line))
        ? undefined
        : "there is no usable GPU, so only a container elsewhere helps";
    default:
      return undefined;
  }
}

/**
 * The exit code that tells a cause, after sysexits.h, so that an orchestrator may act on it: 78 a wrong
 * configuration (arguments, model, dependency, permission), 71 too few resources (memory, shared memory,
 * disk), 69 a lost or faulty device, 75 try again elsewhere (network, collective), 70 all the rest.
 *
 * @param cause The cause; `undefined` where none is known.
 * @returns The exit code.
 * @see https://man7.org/linux/man-pages/man3/sysexits.h.3head.html
 */
export function findCauseExitCode(cause: Cause | undefined): number {
  switch (cause) {
    case "bad_arguments":
    case "bad_model":
    case "missing_dependency":
    case "permission":
      return 78;
    case "gpu_out_of_memory":
    case "host_out_of_memory":
    case "shm_exhausted":
    case "disk_full":
      return 71;
    case "gpu_fault":
    case "gpu_lost":
      return 69;
    case "network":
    case "collective_failure":
    case "port_in_use":
      return 75;
    default:
      return 70;
  }
}
