/** Runs a case and measures it. */
import { assert, assertEquals } from "@std/assert";
import { wallMs } from "../support/processes.ts";
import { type Case, engineCommand } from "./case.ts";
import { Container } from "./container.ts";

/** What came of a case. */
export interface Result {
  readonly code: number;
  /** From what was done to the end, or to the next answer, s. */
  readonly secs: number;
  /** Processes that lived on: after the end, or beside those of the recovered engine; zombies count. */
  readonly left: number;
  /** Whether an engine answered before. */
  readonly served: boolean;
}

function countEvents(container: Container, name: string): number {
  return container.readEvents().filter(({ event }) => event === name).length;
}

async function goOn(container: Container, one: Case): Promise<Result> {
  const before = container.readProcesses().length;
  const loads = countEvents(container, "loaded");
  const sinceMs = wallMs();
  await one.act?.(container);
  await container.waitServed(one.then.kind === "recovers" ? loads + 1 : loads);
  const secs = (wallMs() - sinceMs) / 1000;
  const left = await container.countLeft(before);
  await one.check?.(container);
  const starts = countEvents(container, "start");
  assertEquals(starts, one.then.kind === "recovers" ? loads + 1 : loads, "starts of the engine");
  const ends = countEvents(container, "exit");
  await container.stop();
  const { code } = await container.waitForEnd();
  assertEquals(code, 0, "exit code after podman stop");
  assertEquals(countEvents(container, "exit"), ends + 1, "the engine's own end after podman stop");
  return { code, secs, left, served: true };
}

async function end(container: Container, one: Case): Promise<Result> {
  const { then } = one;
  assert(then.kind === "ends");
  const sinceMs = wallMs();
  const [{ atMs, left, code }] = await Promise.all([
    container.waitForEnd(),
    one.act?.(container),
  ]);
  const tookMs = atMs - sinceMs;
  assertEquals(code, then.code, `exit code; the log:\n${await container.readLogs()}`);
  if (then.engine !== undefined) {
    const ends = countEvents(container, "exit");
    assertEquals(ends, then.engine === "drains" ? 1 : 0, "the engine's own end");
  }
  assert(tookMs >= (then.atLeastMs ?? 0), `took ${tookMs} ms`);
  return { code, secs: tookMs / 1000, left, served: one.isServed ?? true };
}

/**
 * Runs a case.
 *
 * @param one The case.
 * @param image The image, whose entrypoint is standard-supervisor.
 * @returns What was measured.
 * @throws {Error} Where something is not as the case expects, with the container's log.
 */
export async function runCase(one: Case, image: string): Promise<Result> {
  const { options = [], env = {}, command } = one;
  await using container = await Container.start({
    ...{ image, options },
    env: typeof env === "function" ? env : () => env,
    command: command ?? ((port) => engineCommand(port, one.engine)),
  });
  try {
    if (one.isServed ?? true) {
      await container.waitServed();
      await container.waitStarted();
    }
    const result = await (one.then.kind === "ends" ? end : goOn)(container, one);
    assertEquals(result.left, 0, "processes left");
    return result;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes("the log:")) throw error;
    throw new Error(`${text}\nthe log:\n${await container.readLogs()}`);
  }
}
