/**
 * Keeps what can be seen of a hanging engine in a file, before it is killed.
 *
 * Permissions: those of `hang_evidence.ts`; `--allow-read` and `--allow-write` of the directory.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { toAbsolute } from "../host/absolute_path.ts";
import { mayReadAndWrite } from "../host/ask_permission.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import { describePythonStacks, describeThreads } from "./hang_facts.ts";
import type { ProcessEntry } from "../linux/process_table.ts";

/** What is known of the engine beyond its processes, such as its last lines or metrics. */
export interface EvidenceSource {
  /** What it is, for people. */
  readonly title: string;
  /** Gives it; ends early when the signal is aborted. */
  readonly read: (signal: AbortSignal) => Promise<string> | string;
}

/** What collecting needs. */
export interface EvidenceOptions {
  /** Where the files go: `PROCESS_EVIDENCE_DIR`. */
  readonly directory: string;
  /** How long it may take, ms: `PROCESS_HANG_EVIDENCE_SECS`. */
  readonly timeoutMs: number;
  /** The environment, for its PATH. */
  readonly env: Environment;
  /** Finds the living processes of a program. */
  readonly findProcesses: (name: string) => Promise<readonly ProcessEntry[] | undefined>;
  /** Takes the pids of what it runs while that lasts, so that the reaper leaves it alone. */
  readonly ownChildren: Set<number>;
  /** What else is kept. */
  readonly sources: readonly EvidenceSource[];
  /** Receives log lines. */
  readonly log: Logger;
}

/** So many files are kept, the newest. */
const MAX_FILES = 20;

/** So long is one at most, characters. */
const MAX_LENGTH = 1 << 20;

const FILE_NAME = /^hang-\d{8}T\d{6}Z-\d+\.txt$/;

/** The name of a file: `hang-20261124T093000Z-123.txt`. */
function nameFile(now: Date, pid: number): string {
  return `hang-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${pid}.txt`;
}

/** Collects evidence, one engine process at a time. */
export class Evidence {
  readonly #options: EvidenceOptions;
  readonly #stop = new AbortController();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Gives up what is being collected: everything is being stopped. */
  close(): void {
    this.#stop.abort();
  }

  /** Collects what there is within its time, and keeps it. A failure is said and nothing else. */
  async collect(name: string, reason: string): Promise<void> {
    const { timeoutMs, log } = this.#options;
    const directory = toAbsolute(this.#options.directory);
    const now = new Date();
    try {
      if (!mayReadAndWrite(directory)) throw new Error("it may not be written");
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]);
      const processes = await this.#options.findProcesses(name) ?? [];
      const parts = await this.#readParts(processes, signal);
      if (this.#stop.signal.aborted) return;
      const [leader] = processes.toSorted((a, b) => Number(a.startTicks) - Number(b.startTicks));
      const path = `${directory}/${nameFile(now, leader?.pid ?? 0)}`;
      const text = [`${name} is ${reason}\n${now.toISOString()}\n`, ...parts].join("\n");
      writePrivateFile(path, text.slice(0, MAX_LENGTH));
      removeOld(directory);
      log.warn(`what was seen of ${name}, which hangs, is in ${path}`, {
        event: "evidence",
        program: name,
        path,
      });
    } catch (error) {
      log.warn(`Cannot keep what was seen of ${name} in ${directory}: ${errorText(error)}`);
    }
  }

  /** All at once: what takes too long must not cost the rest. */
  async #readParts(processes: readonly ProcessEntry[], signal: AbortSignal): Promise<string[]> {
    const { env, sources, ownChildren } = this.#options;
    const read = async (title: string, work: () => Promise<string | undefined> | string) => {
      try {
        const text = await work();
        return text === undefined ? [] : [`## ${title}\n${text}\n`];
      } catch (error) {
        return [`## ${title}\n(${errorText(error)})\n`];
      }
    };
    const parts = await Promise.all([
      read("Threads", () => describeThreads(processes, signal)),
      read("Python stacks", () => describePythonStacks(processes, env, signal, ownChildren)),
      ...sources.map(({ title, read: work }) => read(title, () => untilAborted(work, signal))),
    ]);
    return parts.flat();
  }
}

/** Not for longer than there is time. */
async function untilAborted(work: EvidenceSource["read"], signal: AbortSignal): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const giveUp = () => resolve("(no answer in time)");
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work(signal), promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function removeOld(directory: string): void {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => FILE_NAME.test(name)).sort();
  for (const name of names.slice(0, -MAX_FILES)) Deno.removeSync(`${directory}/${name}`);
}
