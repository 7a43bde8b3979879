/** Keeps the books of an instance beside its own record, and compares the two. */
import { BACK_OFF_STEP_MS, MAX_BACK_OFF_MS, STABLE_MS } from "../../src/policy/engine_death.ts";
import type { RunDocument, StatusDocument } from "../../src/status/status_document.ts";
import { findProgram, RECOVERY_LIMIT, WINDOW_SECS } from "./instance.ts";
import type { Expected } from "./soak_fault.ts";

/** Between two clocks' readings of one moment, ms: at a border either side of it is right. */
const TOLERANCE_MS = 200;

/** What the program's own clock may have lost while it was frozen, ms. */
const MOST_LOST_MS = 8_000;

/** The books. */
export class Ledger {
  /** When runs died that were recovered, ms since 1970. */
  #recoveries: number[] = [];
  /** Runs in a row that did not last; `undefined` where a freeze leaves it open. */
  #shortRuns: number | undefined = 0;

  /**
   * Enters what has happened between two statuses.
   *
   * @param before The status before the fault.
   * @param after The status once the engine serves again.
   * @param expected What must have happened.
   * @param wasFrozen Whether the program stood still during the last run.
   * @returns What does not agree.
   */
  enter(
    before: StatusDocument,
    after: StatusDocument,
    expected: Expected,
    wasFrozen: boolean,
  ): string[] {
    const broken: string[] = [];
    const expect = (holds: boolean, text: string) => {
      if (!holds) broken.push(`record: ${text}`);
    };
    const [was, is] = [findProgram(before), findProgram(after)];
    const run = after.runs.find(({ run }) => run === before.runs.at(-1)?.run);
    const latest = after.runs.at(-1);
    const starts = (was.starts ?? NaN) + (expected.kind === "none" ? 0 : 1);
    expect(is.starts === starts, `${is.starts} starts, not ${starts}`);
    expect(latest?.run === starts, `the last run is ${latest?.run}, not ${starts}`);
    expect(latest?.pid === is.pid, `the last run's pid is ${latest?.pid}, not ${is.pid}`);
    if (run === undefined) broken.push("record: the run is not in it");
    else if (expected.kind === "recovery") {
      broken.push(...this.#enterDeath(run, expected, wasFrozen));
    } else if (expected.kind === "by hand") expect(run.stopped, `run ${run.run} was not stopped`);
    else expect(run.died_at === null, `run ${run.run} died: ${JSON.stringify(run.exit)}`);
    return [...broken, ...this.#compareBudget(after)];
  }

  /** Goes on from what the record says, where it is not known what has happened. */
  adopt(status: StatusDocument): void {
    const begun = findProgram(status).recoveries?.began_at ?? [];
    this.#recoveries = begun.map((at) => Date.parse(at));
    this.#shortRuns = undefined;
  }

  #enterDeath(
    run: RunDocument,
    { exitCode }: Extract<Expected, { readonly kind: "recovery" }>,
    wasFrozen: boolean,
  ): string[] {
    const broken: string[] = [];
    const expect = (holds: boolean, text: string) => {
      if (!holds) broken.push(`record: ${text}`);
    };
    const { exit, unhealthy, next } = run;
    if (exitCode === undefined) expect(unhealthy !== null, "not stopped as unhealthy");
    else {
      expect(exit?.exit_code === exitCode, `exit ${JSON.stringify(exit)}, not ${exitCode}`);
      expect(unhealthy === null, `stopped as unhealthy: ${unhealthy}`);
    }
    expect(run.swept_at !== null, "not swept");
    expect(next?.action === "recovery", `led to ${JSON.stringify(next)}`);
    const diedMs = Date.parse(run.died_at ?? "");
    const [least, most] = this.#countInside(diedMs);
    const attempt = next?.attempt ?? NaN;
    expect(attempt > least && attempt <= most + 1, `recovery ${attempt}, not ${least + 1}`);
    this.#recoveries.push(diedMs);
    if (this.#recoveries.length > 2 * RECOVERY_LIMIT) this.#recoveries.shift();

    const delayMs = next?.delay_ms ?? NaN;
    const lifeMs = diedMs - Date.parse(run.started_at ?? "");
    const stableMs = STABLE_MS + TOLERANCE_MS + (wasFrozen ? MOST_LOST_MS : 0);
    if (lifeMs > stableMs) this.#shortRuns = 0;
    else if (lifeMs > STABLE_MS - TOLERANCE_MS) this.#shortRuns = undefined;
    else if (this.#shortRuns !== undefined) this.#shortRuns++;
    if (this.#shortRuns === undefined) {
      if (delayMs > 0) this.#shortRuns = delayMs / BACK_OFF_STEP_MS + 1;
    } else {
      const due = Math.min(Math.max(0, this.#shortRuns - 1) * BACK_OFF_STEP_MS, MAX_BACK_OFF_MS);
      expect(delayMs === due, `a pause of ${delayMs} ms, not ${due}, after ${lifeMs} ms`);
    }
    return broken;
  }

  #compareBudget(status: StatusDocument): string[] {
    const { recoveries, failed_starts } = findProgram(status);
    const broken: string[] = [];
    const [least, most] = this.#countInside(Date.parse(status.at));
    const used = recoveries?.used ?? NaN;
    if (!(used >= least && used <= most)) {
      broken.push(`record: ${used} recoveries used, not ${least}`);
    }
    if (recoveries?.left !== RECOVERY_LIMIT - used) {
      broken.push(`record: ${recoveries?.left} recoveries left beside ${used} used`);
    }
    if (failed_starts?.count !== 0) broken.push(`record: ${failed_starts?.count} failed starts`);
    if (status.state !== "running" || !status.ready || !status.healthy || status.exit !== null) {
      broken.push(`record: ${status.state}, ready ${status.ready}, healthy ${status.healthy}`);
    }
    return broken;
  }

  /** How many recoveries lie inside the window, at least and at most. */
  #countInside(nowMs: number): [least: number, most: number] {
    const count = (windowMs: number) =>
      this.#recoveries.filter((at) => nowMs - at < windowMs).length;
    const windowMs = WINDOW_SECS * 1000;
    return [count(windowMs - TOLERANCE_MS), count(windowMs + TOLERANCE_MS + MOST_LOST_MS)];
  }
}
