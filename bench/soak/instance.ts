/** The instance that lives through the whole soak, in namespaces and small file systems of its own. */
import type { ProgramDocument, StatusDocument } from "../../src/status/status_document.ts";
import { type EngineEvent, readEvents, waitForEvent } from "../../tests/support/engines.ts";
import { AS_PID_1 } from "../../tests/support/isolation.ts";
import { askEngine, findFreePort, readTree } from "../../tests/support/namespace.ts";
import { signalProcess } from "../../tests/support/processes.ts";
import { ask as askProgram, type Asked } from "../../tests/support/status.ts";
import { askOrThrow } from "../../tests/support/status_client.ts";
import { DEADLINE_MS, FIXTURES, Run } from "../../tests/support/run.ts";
import type { InstalledSupervisord } from "../../tests/support/supervisords.ts";
import { PYTHON, WORKERS } from "../faults/scenario.ts";
import { OutputReader } from "./output_reader.ts";

/** The engine's shared memory, KiB. */
const SEGMENT_KIB = 1024;

/** `/dev/shm` holds three segments: what two engines leave would be seen by the third. */
const SHM_KIB = 3 * SEGMENT_KIB + 512;

/** The instance's TMPDIR, KiB. */
const TMP_KIB = 4096;

/** Recoveries inside {@linkcode WINDOW_SECS}: more than there can be, so that the budget is counted and never spent. */
export const RECOVERY_LIMIT = 100;

/** The rolling window of the budget, s: short, so that recoveries fall out of it all the while. */
export const WINDOW_SECS = 60;

/**
 * Small file systems for $0/tmp and /dev/shm, stdout on a pipe, and no signal ignored: under nohup(1) the soak
 * itself ignores SIGHUP, and what is ignored from the start is none of the engine's.
 */
const SURROUNDINGS = `
mount -t tmpfs -o size=${TMP_KIB}k tmpfs "$0/tmp" &&
  mount -t tmpfs -o size=${SHM_KIB}k,mode=1777 shm /dev/shm || exit 99
exec env --default-signal "$@" >"$0/pipe"`;

/** The process that serves now, and its workers, as this process sees them. */
export interface LiveEngine {
  readonly pid: number;
  /** As its own namespace sees it. */
  readonly innerPid: number;
  readonly workers: readonly number[];
  /** Those of the workers whose death is the engine's: the others are daemons. */
  readonly children: readonly number[];
}

/** One instance. Dispose of it. */
export class Instance implements AsyncDisposable {
  /** The run. */
  readonly run: Run;
  /** The engine's port. */
  readonly port: number = findFreePort();
  /** The port of the status. */
  readonly statusPort: number = findFreePort();
  /** The reader of its stdout. */
  readonly reader: OutputReader;
  /** The program, as this process sees it. */
  program = 0;
  /** Its supervisord, as this process sees it. */
  supervisord = 0;
  readonly #installed: InstalledSupervisord;

  private constructor(supervisord: InstalledSupervisord) {
    this.#installed = supervisord;
    let reader: OutputReader | undefined;
    this.run = new Run({
      supervisord,
      args: (directory) => [
        ...[PYTHON, "-S", `${FIXTURES}/engine.py`, "--port", String(this.port)],
        ...["--workers", String(WORKERS), "--daemon-worker", "--clobber-environ-worker", "session"],
        ...["--shm-kib", String(SEGMENT_KIB), "--record", `${directory}/record`],
      ],
      wrapper: (directory) => {
        reader = new OutputReader(`${directory}/pipe`);
        return ["unshare", "-m", "sh", "-c", SURROUNDINGS, directory, ...AS_PID_1];
      },
      env: (directory) => ({
        PROCESS_ENGINE: "vllm", // So that its shared memory is known to be its own.
        PROCESS_HEALTH_URL: `http://127.0.0.1:${this.port}/health`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_TIMEOUT_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "3",
        PROCESS_HANG_GRACE_SECS: "1",
        PROCESS_HANG_EVIDENCE_SECS: "1",
        PROCESS_MAX_RECOVERY_ATTEMPTS: String(RECOVERY_LIMIT),
        PROCESS_RECOVERY_WINDOW_SECS: String(WINDOW_SECS),
        PROCESS_STATUS_PORT: String(this.statusPort),
        SUPERVISOR_CONFIG_PATH: `${directory}/supervisord.conf`,
        LOG_FORMAT: "json",
      }),
    });
    this.reader = reader!;
  }

  /** Starts one, and waits until it serves. */
  static async start(supervisord: InstalledSupervisord): Promise<Instance> {
    const instance = new Instance(supervisord);
    const { run } = instance;
    try {
      await waitForEvent(run, "loaded");
      instance.program = await run.waitFor(() => run.findProgram(), "the program");
      instance.supervisord = await run.waitFor(() => run.findSupervisord(), "supervisord");
      return instance;
    } catch (error) {
      await instance[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the engines have recorded since the last {@linkcode trimRecord}. */
  get events(): EngineEvent[] {
    return readEvents(this.run);
  }

  /** @returns The engine that was started last; throws where it is not there. */
  findEngine(): LiveEngine {
    const { events } = this;
    const innerPid = events.findLast(({ event }) => event === "start")?.pid ?? 0;
    const inner = events.findLast(({ event, pid }) => event === "workers" && pid === innerPid);
    const tree = readTree(this.run.pid);
    const pid = tree.find((one) => one.innerPid === innerPid)?.pid;
    if (pid === undefined) throw new Error(`Engine ${innerPid} is not there`);
    const workers = tree.filter((one) => inner?.workers?.includes(one.innerPid));
    const children = workers.filter(({ parentPid }) => parentPid === pid);
    return {
      pid,
      innerPid,
      workers: workers.map((worker) => worker.pid),
      children: children.map((worker) => worker.pid),
    };
  }

  /**
   * Drops from the engines' record all but which engine was started last and its workers: it would grow with
   * the soak, and what one fault has led to would be taken for the next one's.
   */
  trimRecord(): void {
    const lines = this.run.read("record").split("\n");
    const begin = lines.findLastIndex((line) => line.includes('"event": "start"'));
    const kept = lines.slice(begin).filter((line) => /"event": "(?:start|workers)"/.test(line));
    const path = this.run.path("record");
    Deno.writeTextFileSync(`${path}.new`, kept.map((line) => `${line}\n`).join(""));
    Deno.renameSync(`${path}.new`, path);
  }

  /** Tells the engine to misbehave: `POST` to a `/control/…` path of `tests/fixtures/engine_api.py`. */
  async order(path: string): Promise<void> {
    const status = await askEngine(this.port, "POST", path, DEADLINE_MS);
    if (status !== 202) throw new Error(`${path} was answered with ${status}`);
  }

  /** Whether the engine answers that it is well. */
  async serves(): Promise<boolean> {
    return await askEngine(this.port, "GET", "/health") === 200;
  }

  /** Asks the status port. @returns The body. @throws {Error} If the answer is none, or another than 200. */
  async ask(path: string): Promise<string> {
    const { status, body } = await askOrThrow(this.statusPort, path);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${body}`);
    return body;
  }

  /** @returns The status. */
  async readStatus(): Promise<StatusDocument> {
    return JSON.parse(await this.ask("/status"));
  }

  /** Runs the program in the instance's namespaces, as an exec probe does. */
  askProgram(...args: string[]): Promise<Asked> {
    const wrapper = ["nsenter", "-t", String(this.program), "-m", "-p"];
    return askProgram(this.run, args, { wrapper });
  }

  /** Runs supervisorctl in the instance's namespaces. */
  async control(...args: string[]): Promise<void> {
    const { python, path } = this.#installed;
    const { success, stdout } = await new Deno.Command("nsenter", {
      args: [
        ...[
          "-t",
          String(this.program),
          "-m",
          python,
          path.replace(/supervisord$/, "supervisorctl"),
        ],
        ...["-c", this.run.path("supervisord.conf"), ...args],
      ],
      stdin: "null",
      stdout: "piped",
    }).output();
    if (!success) throw new Error(`supervisorctl ${args} failed: ${decode(stdout)}`);
  }

  /** Sends the program a signal; it must be there. */
  signal(signal: Deno.Signal): void {
    if (!signalProcess(this.program, signal)) throw new Error("The instance has ended");
  }

  /** @returns The path, from outside, of a file as the instance sees it. */
  path(inner: string): string {
    return `/proc/${this.program}/root${inner}`;
  }

  /** Its TMPDIR, from outside. */
  get temporary(): string {
    return this.path(this.run.path("tmp"));
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.reader.pace = "fast";
    await this.run[Symbol.asyncDispose]();
  }
}

/** @returns The engine's part of a status. */
export function findProgram(status: StatusDocument): ProgramDocument {
  const found = status.programs.find(({ role }) => role === "engine");
  if (found === undefined) throw new Error("The status has no engine");
  return found;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
