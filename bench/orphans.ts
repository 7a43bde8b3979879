/**
 * Orphans by the thousand, with the program as PID 1: no zombie older than a second, and what it costs.
 *
 * Run: `deno run -A bench/orphans.ts [--orphans 10000] [--supervisord PATH]`. Needs root and namespaces. Also
 * without FFI, where the program cannot reap: one warning that names `--init` and tini. Exits with 1 where
 * anything is not as expected.
 */
import { parseArgs } from "@std/cli/parse-args";
import { isThere } from "../tests/support/files.ts";
import { AS_PID_1 } from "../tests/support/isolation.ts";
import { readTree } from "../tests/support/namespace.ts";
import { pause, readUsage, signalProcess } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { chooseSupervisord, type InstalledSupervisord } from "../tests/support/supervisords.ts";

/** How old a zombie may grow, ms. */
const ZOMBIE_MS = 1_000;

/** What one orphan may cost the program, ms of CPU time. */
const CPU_MS_PER_ORPHAN = 1;

/** Forks in pairs: the first of each ends at once, which makes an orphan of the second. */
const ENGINE = `
import os, sys, time
for _ in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            time.sleep(0.02)
        os._exit(0)
    os.waitpid(child, 0)
open(sys.argv[1], "w").close()
time.sleep(1000)
`;

function start(supervisord: InstalledSupervisord, orphans: number, permissions?: string[]): Run {
  return new Run({
    supervisord,
    args: (directory) => [
      ...["/usr/bin/python3", "-S", "-I", "-c", ENGINE, `${directory}/done`, String(orphans)],
    ],
    permissions,
    wrapper: AS_PID_1,
  });
}

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["orphans", "supervisord"] });
  const orphans = Number(options.orphans ?? 10_000);
  const supervisord = chooseSupervisord(options.supervisord);
  const failures: string[] = [];
  const expect = (holds: boolean, text: string) => {
    if (!holds) failures.push(text);
  };

  await using run = start(supervisord, orphans);
  await run.waitFor(() => run.findSupervisord() !== undefined, "supervisord");
  const program = run.findProgram()!;
  const before = readUsage(program);
  const beganMs = performance.now();
  const seenMs = new Map<number, number>();
  let oldestMs = 0;
  let mostZombies = 0;
  let doneMs: number | undefined;
  for (;;) {
    const zombies = readTree(run.pid).filter(({ isZombie }) => isZombie).map(({ pid }) => pid);
    const nowMs = performance.now();
    mostZombies = Math.max(mostZombies, zombies.length);
    for (const pid of [...seenMs.keys()]) if (!zombies.includes(pid)) seenMs.delete(pid);
    for (const pid of zombies) {
      if (!seenMs.has(pid)) seenMs.set(pid, nowMs);
      oldestMs = Math.max(oldestMs, nowMs - seenMs.get(pid)!);
    }
    if (doneMs === undefined && isThere(run.path("done"))) doneMs = nowMs;
    if (doneMs !== undefined && (zombies.length === 0 || nowMs - doneMs > 5_000)) break;
    if (run.end !== undefined) {
      console.error(run.describe("Ended early"));
      return 1;
    }
    await pause(100);
  }
  const tookMs = performance.now() - beganMs;
  const cpuMs = readUsage(program).cpuMs - before.cpuMs;
  expect(oldestMs <= ZOMBIE_MS, `a zombie grew ${oldestMs.toFixed(0)} ms old`);
  expect(seenMs.size === 0, `${seenMs.size} zombies stay`);
  expect(cpuMs <= orphans * CPU_MS_PER_ORPHAN, `${cpuMs.toFixed(0)} ms of CPU time`);
  signalProcess(program, "SIGTERM");
  const { code } = await run.waitForEnd();
  expect(code === 0, `exit code ${code}`);
  expect(run.readLeft().length === 0, "processes are left");

  await using poor = start(supervisord, 5, ["-A", "--deny-ffi"]);
  await poor.waitFor(() => isThere(poor.path("done")), "the orphans without FFI");
  const warnings = poor.read("stderr").split("\n").filter((line) => / WARN /.test(line));
  expect(warnings.length === 1, `without FFI ${warnings.length} warnings`);
  expect(/--init.*tini/.test(warnings[0] ?? ""), "the warning names neither --init nor tini");

  console.log(
    `${
      new Date().toISOString().slice(0, 10)
    }, supervisord ${supervisord.version}, Deno ${Deno.version.deno}\n\n` +
      `| orphans | in s | oldest zombie seen, ms | most zombies at once | CPU time of PID 1, ms | CPU |\n` +
      `|---:|---:|---:|---:|---:|---:|\n` +
      `| ${orphans} | ${(tookMs / 1000).toFixed(1)} | ${oldestMs.toFixed(0)} | ${mostZombies} | ${
        cpuMs.toFixed(0)
      } | ${(cpuMs / tookMs * 100).toFixed(1)} % |\n\nWithout FFI: ${warnings[0]}`,
  );
  for (const text of failures) console.error(`Not as expected: ${text}`);
  return failures.length === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
