/**
 * The causes of an engine's death, what each means and what to do about it.
 *
 * @module
 */
import type { Cause } from "../policy/cause.ts";

/** What is said of a cause. */
export interface CauseText {
  /** What happened, in a few words. */
  readonly meaning: string;
  /** What to do about it, one sentence. */
  readonly advice: string;
}

/**
 * Every cause, most specific first: where one line fits several, the first of them is told. Shared
 * memory stands before the disk, since both run out with the same words and only one names
 * `/dev/shm`; a lost GPU before a faulty one, since every call to it fails then.
 */
export const CAUSES: Readonly<Record<Cause, CauseText>> = {
  shm_exhausted: {
    meaning: "shared memory (/dev/shm) is full",
    advice: "Give the container more shared memory (docker run --shm-size=8g or --ipc=host, in " +
      "Kubernetes an emptyDir with medium: Memory at /dev/shm), and look for files that dead runs left there.",
  },
  gpu_out_of_memory: {
    meaning: "the GPU has too little free memory",
    advice: "Ask for less GPU memory (shorter context, fewer sequences, a smaller share such as " +
      "--gpu-memory-utilization, quantisation, more GPUs), and check that nothing else holds the GPU.",
  },
  port_in_use: {
    meaning: "the address it wants to listen on is taken",
    advice: "Give the engine a free port, or end the process that holds this one.",
  },
  permission: {
    meaning: "the operating system refused access",
    advice: "Check the user that the engine runs as, the owner and mode of the path in the line, " +
      "a read-only root (HOME and the caches must be writable), and the container's capabilities.",
  },
  disk_full: {
    meaning: "the disk, or its quota, is full",
    advice:
      "Free space or mount a larger volume where the line points (model cache, TMPDIR, logs).",
  },
  host_out_of_memory: {
    meaning: "the machine or the container has too little memory",
    advice: "Raise the container's memory limit, or ask for less (smaller swap space and CPU " +
      "offload, fewer workers, a smaller model).",
  },
  gpu_lost: {
    meaning: "no usable GPU or driver",
    advice: "Check nvidia-smi or rocm-smi on the node, that the container was given the GPU, and " +
      "that driver and image fit; a lost GPU needs a reset or another node, a restart here does not help.",
  },
  gpu_fault: {
    meaning: "the GPU or a kernel on it failed",
    advice: "Look for Xid or amdgpu lines in dmesg: hardware errors need another node; else run " +
      "once with CUDA_LAUNCH_BLOCKING=1 to find the kernel, and try without CUDA graphs or with other versions.",
  },
  missing_dependency: {
    meaning: "a package, library or program that it needs is missing or does not fit",
    advice: "Install what the line names, in the version that fits the engine, or use an image " +
      "built for this GPU and driver.",
  },
  network: {
    meaning: "a remote host cannot be reached",
    advice:
      "Check DNS, firewall, proxy and certificates between the container and the host in the " +
      "line; a model can also come with the image or a volume (HF_HUB_OFFLINE=1).",
  },
  bad_arguments: {
    meaning: "the command line or configuration is wrong",
    advice: "Fix the argument that the line names; a restart fails the same way.",
  },
  bad_model: {
    meaning: "the model cannot be found, read or served by this engine",
    advice:
      "Check the model's name, path, revision and access token, that its files are complete, " +
      "and that this version of the engine knows its architecture.",
  },
  hang: {
    meaning: "it stopped making progress",
    advice: "Take the stacks while it hangs (py-spy dump), and raise the timeout in the line if " +
      "the work was merely slow.",
  },
  collective_failure: {
    meaning: "the workers lost each other (NCCL, Gloo, the store)",
    advice:
      "Look at the first rank that failed and at other nodes' logs; check the interface and " +
      "firewall between ranks, and run once with NCCL_DEBUG=INFO.",
  },
  segfault_abort: {
    meaning: "it crashed in native code",
    advice: "Note the versions and the frames in the line and look for a known bug; a CPU or GPU " +
      "that the build does not support crashes like this too.",
  },
  worker_died: {
    meaning: "one of its workers died without saying why",
    advice: "Look at the worker's own log above; where it was killed by signal 9, at the memory " +
      "limit and the kernel's log.",
  },
  python_exception: {
    meaning: "an exception that nothing caught",
    advice:
      "Read the line and the stack above it: it is the engine's or the model's code that failed.",
  },
  clean_exit: {
    meaning: "it ended without an error, asked or by itself",
    advice:
      "Nothing failed: it was stopped, or its work was done. A command that is to end by itself wants " +
      "SUPERVISOR_PROGRAM_AUTORESTART=false.",
  },
  unknown: {
    meaning: "nothing tells",
    advice: "Look at the log above the end, or raise the engine's log level.",
  },
};

/** Every cause, in the order of {@linkcode CAUSES}. */
export const CAUSE_NAMES: readonly Cause[] = Object.keys(CAUSES) as Cause[];

/**
 * How much a line tells. `decisive`: the cause itself, in words that nothing else says. `likely`:
 * what something deeper may have led to. `faint`: what nearly every death leads to. `last`: what an
 * engine prints at its end whatever happened.
 */
export type Strength = "decisive" | "likely" | "faint" | "last";

/** Words that tell a cause. */
export interface CauseRule {
  /** The cause. */
  readonly cause: Cause;
  /** What the words look like in one line, colours and prefixes removed. */
  readonly words: RegExp;
  /** Lines that look alike and tell nothing. */
  readonly unless?: RegExp;
  /**
   * How much they tell.
   *
   * @default "decisive"
   */
  readonly strength?: Strength;
  /** Whether they also tell in a line that is logged as information or warning. */
  readonly atAnyLevel?: true;
}
