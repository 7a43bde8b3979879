/**
 * Field tests of real engines: each is installed, run under supervision, asked, killed, stopped, started badly.
 *
 *     deno run -A tests/field/run.ts [--only TEXT] [--write FILE]
 *
 * `LONG_TESTS=1` runs those too that are large or slow to start, `LLAMA_SERVER` names a llama-server of one's
 * own. `--only TEXT` runs the cases with that text in their names, `--write FILE` puts the rows of engines that
 * have passed all into a document. What cannot be installed is skipped by name. The last line is `N passed, N failed[, N skipped]`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { findFreePort } from "../support/namespace.ts";
import { inBatches } from "../support/processes.ts";
import { chooseSupervisord } from "../support/supervisords.ts";
import { runBadStart, runDrain, runFault, runStart, type RunWith } from "./cases.ts";
import type { FieldEngine } from "./engine.ts";
import { FIELD_ENGINES } from "./engines.ts";
import { install, type Installed } from "./install.ts";
import { insertTables, makeTables, renderTables, type Row } from "./table.ts";

/** So many cases at a time: they wait more than they work. */
const AT_ONCE = 3;

interface Task {
  readonly name: string;
  readonly run: (options: RunWith & { readonly version: string }) => Promise<Row>;
}

function listTasks(engine: FieldEngine): Task[] {
  const { title, profile } = engine;
  const first = { engine: title };
  return [
    {
      name: `${title}: start`,
      run: async (options) => ({
        ...first,
        ...{ kind: "start", profile, version: options.version },
        facts: await runStart(engine, options),
      }),
    },
    ...engine.faults.map((fault): Task => ({
      name: `${title}: ${fault.signal} of ${fault.role}${fault.isProbed ? ", probed" : ""}${
        fault.healthPath ?? ""
      }`,
      run: async (options) => ({
        ...first,
        ...{ kind: "fault", fault, facts: await runFault(engine, fault, options) },
      }),
    })),
    ...engine.badStarts.map((bad): Task => ({
      name: `${title}: ${bad.title}`,
      run: async (options) => ({
        ...first,
        ...{ kind: "bad start", bad, facts: await runBadStart(engine, bad, options) },
      }),
    })),
    ...engine.drains.map((drain): Task => ({
      name: `${title}: drain, ${drain.title}`,
      run: async (options) => ({
        ...first,
        ...{ kind: "drain", drain, facts: await runDrain(engine, drain, options) },
      }),
    })),
  ];
}

/** What has come of all. */
class Results {
  readonly rows: Row[] = [];
  /** Engines of which all has passed. */
  readonly whole = new Set<string>();
  passed = 0;
  failed = 0;
  skipped = 0;

  skip(engine: FieldEngine, tasks: readonly Task[], reason: string): void {
    console.log(`SKIPPED ${engine.title}, ${tasks.length} cases: ${reason}`);
    this.skipped += tasks.length;
  }
}

async function runEngine(
  engine: FieldEngine,
  tasks: readonly Task[],
  { bin, version }: Installed,
  results: Results,
): Promise<void> {
  const supervisord = chooseSupervisord();
  const rows = new Map<Task, Row>();
  await inBatches(tasks, engine.atOnce ?? AT_ONCE, async (task) => {
    const port = engine.port ?? findFreePort();
    try {
      const row = await task.run({ supervisord, bin, port, version });
      rows.set(task, row);
      results.passed++;
      console.log(`ok ${task.name} ${JSON.stringify(row.facts)}`);
    } catch (error) {
      results.failed++;
      console.log(`FAILED ${task.name}: ${error instanceof Error ? error.message : error}`);
    }
  });
  results.rows.push(...tasks.flatMap((task) => rows.get(task) ?? []));
  if (rows.size === listTasks(engine).length) results.whole.add(engine.title);
}

async function runAll(only: string): Promise<Results> {
  const results = new Results();
  for (const engine of FIELD_ENGINES) {
    const tasks = listTasks(engine).filter(({ name }) => name.includes(only));
    if (tasks.length === 0) continue;
    if (engine.isLong && Deno.env.get("LONG_TESTS") !== "1") {
      results.skip(engine, tasks, "it is large or slow to start: set LONG_TESTS=1");
      continue;
    }
    const installed = await install(engine);
    if (typeof installed === "string") {
      results.skip(engine, tasks, installed);
      continue;
    }
    await runEngine(engine, tasks, installed, results);
  }
  return results;
}

async function main(args: readonly string[]): Promise<number> {
  const { only = "", write } = parseArgs([...args], { string: ["only", "write"] });
  const results = await runAll(only);
  const { rows, whole, passed, failed, skipped } = results;
  console.log(renderTables(makeTables(rows)));
  if (write !== undefined) {
    const tables = makeTables(rows.filter(({ engine }) => whole.has(engine)));
    const order = FIELD_ENGINES.map(({ title }) => title);
    Deno.writeTextFileSync(write, insertTables(Deno.readTextFileSync(write), tables, order));
  }
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
