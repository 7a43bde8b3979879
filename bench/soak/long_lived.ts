/** The instance that lives through the whole soak: one fault after the other, and what must hold after each. */
import type { StatusDocument } from "../../src/status/status_document.ts";
import { STABLE_MS } from "../../src/policy/engine_death.ts";
import { errorText } from "../../src/log/error_text.ts";
import { parseMetrics } from "./metrics.ts";
import { pause, wallMs } from "../../tests/support/processes.ts";
import type { Random } from "../../tests/support/random.ts";
import type { InstalledSupervisord } from "../../tests/support/supervisords.ts";
import { settle } from "../faults/settle.ts";
import { findProgram, Instance } from "./instance.ts";
import type { Journal } from "./journal.ts";
import { Ledger } from "./ledger.ts";
import { readSample } from "./samples.ts";
import type { Expected, SoakFault } from "./soak_fault.ts";
import { SOAK_FAULTS } from "./soak_faults.ts";

/** Of ten faults so many come soon after the last, the others once the run has lasted. */
const SOON_OF_TEN = 6;

/** How soon, ms at most. */
const SOON_MS = 3_000;

/** How long the first start and the stop may take, ms. */
const EDGE_MS = 15_000;

/** Descriptors that an answer in flight may hold. */
const PASSING_DESCRIPTORS = 4;

/** What is compared with what it was after the first faults. */
const BASE_STEPS = 5;

/** Runs it until the time is over. */
export async function liveLong(
  supervisord: InstalledSupervisord,
  random: Random,
  secs: number,
  journal: Journal,
): Promise<void> {
  await using instance = await Instance.start(supervisord);
  await new Life(instance, random, journal).live(secs);
}

class Life {
  readonly #instance: Instance;
  readonly #random: Random;
  readonly #journal: Journal;
  readonly #ledger = new Ledger();
  #wasFrozen = false;

  constructor(instance: Instance, random: Random, journal: Journal) {
    this.#instance = instance;
    this.#random = random;
    this.#journal = journal;
  }

  async live(secs: number): Promise<void> {
    const { run } = this.#instance;
    let status = (await this.#seeService(undefined, EDGE_MS)).status;
    for (let step = 1; this.#journal.atSecs < secs; step++) {
      const fault = this.#random.pick(SOAK_FAULTS);
      const where = `step ${step}, ${fault.name}`;
      const fail = (text: string) => this.#journal.note(where, text, run.read("stderr"));
      try {
        await this.#wait(status);
        const { tookMs, after, broken } = await this.#step(status, fault);
        status = after;
        const tally = this.#journal.enter(this.#journal.faults, fault.name, tookMs);
        if (broken.length > 0) tally.broken++;
        broken.forEach(fail);
      } catch (error) {
        this.#journal.enter(this.#journal.faults, fault.name, NaN).broken++;
        fail(errorText(error));
        if (run.end !== undefined) return fail(`the instance ended: ${JSON.stringify(run.end)}`);
        // It may still come to itself; where it does not, the soak is over.
        status = (await this.#seeService(undefined, EDGE_MS)).status;
        this.#ledger.adopt(status);
      }
    }
    await this.#stop();
  }

  /** A run that dies soon is another case than one that has lasted. */
  async #wait(status: StatusDocument): Promise<void> {
    const soonMs = this.#random.integer(SOON_MS);
    const isSoon = this.#random.integer(10) < SOON_OF_TEN;
    const startedMs = Date.parse(status.runs.at(-1)?.started_at ?? "");
    await pause(isSoon ? soonMs : Math.max(soonMs, startedMs + STABLE_MS + soonMs - wallMs()));
  }

  async #step(
    known: StatusDocument,
    fault: SoakFault,
  ): Promise<
    { readonly tookMs: number; readonly after: StatusDocument; readonly broken: string[] }
  > {
    const instance = this.#instance;
    const broken: string[] = [];
    const before = await instance.readStatus();
    const [was, is] = [findProgram(known), findProgram(before)];
    if (was.pid !== is.pid) broken.push(`before it engine ${was.pid} became ${is.pid}`);
    const engine = instance.findEngine();
    if (fault.freezesProgram) this.#wasFrozen = true;
    try {
      const expected = await fault.inflict({ instance, engine, random: this.#random });
      const lift = () => expected.kind === "recovery" && expected.lift?.();
      const seen = await this.#seeService({ before, expected }, fault.withinMs).finally(lift);
      const { tookMs, status: after } = seen;
      broken.push(...this.#ledger.enter(before, after, expected, this.#wasFrozen));
      if (expected.kind !== "none") this.#wasFrozen = false;
      broken.push(...await this.#findLeft(after));
      return { tookMs, after, broken };
    } finally {
      instance.reader.pace = "fast"; // Where the fault broke off.
      instance.trimRecord();
    }
  }

  /** Waits until the engine serves, and the status says so. */
  async #seeService(
    fault: { readonly before: StatusDocument; readonly expected: Expected } | undefined,
    withinMs: number,
  ): Promise<{ readonly tookMs: number; readonly status: StatusDocument }> {
    const old = fault === undefined || fault.expected.kind === "none"
      ? undefined
      : findProgram(fault.before).pid;
    const number = fault?.before.runs.at(-1)?.run;
    let pauseMs = 0;
    for (const beginMs = performance.now();;) {
      if (this.#instance.run.end !== undefined) throw new Error("The instance has ended");
      const status = await this.#instance.readStatus();
      pauseMs = status.runs.find(({ run }) => run === number)?.next?.delay_ms ?? 0;
      const tookMs = performance.now() - beginMs - pauseMs;
      const isNew = findProgram(status).pid !== old;
      if (isNew && status.ready && await this.#instance.serves()) return { tookMs, status };
      if (tookMs > withinMs) {
        throw new Error(
          `It does not serve after ${withinMs} ms (${status.state}: ${status.reason})`,
        );
      }
      await pause(10);
    }
  }

  /** Looks for what should not be there, or is more than it was. */
  async #findLeft(status: StatusDocument): Promise<string[]> {
    const broken: string[] = [];
    const { left, zombies } = await settle(this.#instance);
    if (left.length > 0) broken.push(`processes left: ${left.join(" | ")}`);
    if (zombies > 0) broken.push(`${zombies} zombies older than a second`);
    const { innerPid } = this.#instance.findEngine();
    const { pid, starts } = findProgram(status);
    if (pid !== innerPid) broken.push(`record: pid ${pid}, not ${innerPid}`);
    const segments = [...Deno.readDirSync(this.#instance.path("/dev/shm"))];
    if (segments.length !== 1) broken.push(`shared memory: ${segments.map(({ name }) => name)}`);
    const metrics = parseMetrics(await this.#instance.ask("/metrics"));
    const restarts = metrics.get("restarts_total") ?? 0;
    if (restarts !== (starts ?? NaN) - 1) broken.push(`metrics: ${restarts} restarts of ${starts}`);

    const sample = readSample(this.#instance, this.#journal.atSecs);
    const { samples } = this.#journal;
    samples.push(sample);
    const base = samples[BASE_STEPS - 1];
    if (base === undefined) return broken;
    for (const measure of ["descriptors", "supervisordDescriptors"] as const) {
      if (Math.abs(sample[measure] - base[measure]) > PASSING_DESCRIPTORS) {
        broken.push(`${measure}: ${sample[measure]}, ${base[measure]} after ${BASE_STEPS} faults`);
      }
    }
    return broken;
  }

  async #stop(): Promise<void> {
    const { run } = this.#instance;
    this.#instance.signal("SIGTERM");
    const { code } = await run.waitForEnd(EDGE_MS);
    const left = run.readLeft();
    const note = (text: string) => this.#journal.note("the stop", text, run.read("stderr"));
    if (code !== 0) note(`exit code ${code}`);
    if (left.length > 0) note(`left: ${left.map(({ command }) => command).join(" | ")}`);
  }
}
