/**
 * What looking at the family costs: with 20,000 foreign processes on the host, and with a family of 12
 * processes and 3,000 threads. Both are real. Prints how long the loop was held and what it cost.
 *
 *     deno run -A bench/family.ts [--secs N]
 *
 * Fails where any look holds the loop for more than 5 ms at a time, or the looks cost more than 5 ms of CPU
 * a second. Time in which the kernel ran something else on our CPU is no time in which a look held the
 * loop: it is told apart by the kernel's own account of our thread (schedstat), and printed beside it.
 */
import { openLibc } from "../src/host/libc.ts";
import { Family } from "../src/processes/family.ts";
import { createInstanceMarker } from "../src/processes/instance_marker.ts";
import { LimitMarks } from "../src/processes/limit_mark.ts";
import { adoptOrphans } from "../src/processes/reaper.ts";
import { Slices } from "../src/processes/slices.ts";
import { Bounds, printTable, readOption } from "./report.ts";
import { STRANGERS } from "./strangers.ts";

const MOST_HELD_MS = 5;
const MOST_CPU_MS = 5;

/** {@linkcode STRANGERS} of a parent that has left. */
const ORPHANED_STRANGERS = `import os\nif os.fork(): os._exit(0)\n${STRANGERS}`;

/** Stands for supervisord: a leader with eleven children and as many threads in all as asked; one comes and goes. */
const FAMILY = `
import os, sys, threading, time
each = int(sys.argv[1]) // 12
threading.stack_size(65536)
def fill():
    for _ in range(each - 1):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
read, write = os.pipe()
for _ in range(11):
    if os.fork() == 0:
        os.close(write)
        fill()
        os.read(read, 1)
        os._exit(0)
fill()
print("ready", flush=True)
def churn():
    while True:
        if os.fork() == 0: os._exit(0)
        os.wait()
        time.sleep(0.05)
threading.Thread(target=churn, daemon=True).start()
sys.stdin.read()
os._exit(0)
`;

interface Cost {
  readonly looks: number;
  /** Every piece of every look, in which it held the loop. */
  readonly pieces: readonly Piece[];
  /** A second. */
  readonly cpuMs: number;
}

/** One piece of a look. */
interface Piece {
  /** By the clock on the wall, ms. */
  readonly wallMs: number;
  /** How long the kernel kept our thread waiting for a CPU, ms. */
  readonly waitedMs: number;
}

/** Watches how long looks hold the loop, from outside of them. */
class PieceWatch {
  pieces: Piece[] = [];
  #begun: { readonly wallMs: number; readonly waitedMs: number } | undefined;

  begin(): void {
    // The account first, so that reading it counts.
    const waitedMs = readWaitedMs();
    this.#begun = { wallMs: performance.now(), waitedMs };
  }

  end(): void {
    if (this.#begun === undefined) return;
    const wallMs = performance.now() - this.#begun.wallMs;
    this.pieces.push({ wallMs, waitedMs: readWaitedMs() - this.#begun.waitedMs });
    this.#begun = undefined;
  }
}

/** How long this thread has waited for a CPU since it began, ms. */
function readWaitedMs(): number {
  const [, waitedNs = ""] = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`).split(
    " ",
  );
  return Number(waitedNs) / 1e6;
}

/** Has every wait inside a look end a piece and begin another. */
function watchPieces(): PieceWatch {
  const watch = new PieceWatch();
  const wait = Slices.prototype.wait;
  Slices.prototype.wait = async function <T>(this: Slices, work: Promise<T>): Promise<T> {
    watch.end();
    try {
      return await wait.call(this, work) as T;
    } finally {
      watch.begin();
    }
  };
  return watch;
}

/** prctl(2): orphans go to init again. */
const PR_SET_CHILD_SUBREAPER = 36;

async function spawn(program: string, count: number) {
  const child = new Deno.Command("python3", {
    args: ["-S", "-I", "-c", program, String(count)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    detached: true,
  }).spawn();
  await child.stdout.getReader().read();
  return child;
}

async function stop(child: Deno.ChildProcess): Promise<void> {
  await child.stdin.close(); // What listens to it ends, and all that it has forked.
  await child.status;
}

async function measure(
  supervisord: number,
  secs: number,
  watch: PieceWatch,
): Promise<Cost> {
  const libc = openLibc();
  const marks = new LimitMarks(libc);
  marks.begin(supervisord);
  const family = new Family({
    supervisord,
    marker: createInstanceMarker(),
    marks,
    adopts: adoptOrphans(libc),
    spared: new Set([Deno.pid]),
  });
  const costs: number[] = [];
  watch.pieces = [];
  const look = family.look.bind(family);
  family.look = async () => {
    watch.begin();
    const slices = await look();
    watch.end();
    costs.push(slices.usedMs);
    return slices;
  };
  family.watch();
  await new Promise((resolve) => setTimeout(resolve, secs * 1000));
  family.close();
  libc?.prctl(PR_SET_CHILD_SUBREAPER, 0n, 0n, 0n, 0n);
  return {
    looks: costs.length,
    pieces: watch.pieces,
    // The first look finds out how much there is to read.
    cpuMs: costs.slice(1).reduce((sum, usedMs) => sum + usedMs, 0) / secs,
  };
}

async function main(args: readonly string[]): Promise<number> {
  const secs = readOption(args, "secs", 20);
  const bounds = new Bounds();
  const watch = watchPieces();
  const rows: (string | number)[][] = [[
    "",
    "looks",
    "pieces",
    "loop held, ms: median",
    "max",
    "on the wall, ms: max",
    "CPU, ms a second",
  ]];
  for (
    const { what, strangers, threads } of [
      { what: "20,000 foreign processes", strangers: 20_000, threads: 12 },
      { what: "a family of 3,000 threads", strangers: 0, threads: 3_000 },
      { what: "both", strangers: 20_000, threads: 3_000 },
    ]
  ) {
    const others = strangers === 0 ? undefined : await spawn(ORPHANED_STRANGERS, strangers);
    const leader = await spawn(FAMILY, threads);
    const { looks, pieces, cpuMs } = await measure(leader.pid, secs, watch);
    await stop(leader);
    if (others !== undefined) await stop(others);
    const heldMs = pieces.map(({ wallMs, waitedMs }) => Math.max(0, wallMs - waitedMs))
      .sort((a, b) => a - b);
    const [medianMs = 0, maxMs = 0] = [heldMs[Math.floor((heldMs.length - 1) / 2)], heldMs.at(-1)];
    const wallMs = Math.max(...pieces.map((piece) => piece.wallMs));
    rows.push([what, looks, pieces.length, medianMs, maxMs, wallMs, cpuMs]);
    bounds.expect(`${what}: it looks`, looks > 0);
    bounds.expect(
      `${what}: the loop is never held for more than ${MOST_HELD_MS} ms`,
      maxMs <= MOST_HELD_MS,
    );
    bounds.expect(`${what}: ${MOST_CPU_MS} ms of CPU a second at most`, cpuMs <= MOST_CPU_MS);
  }
  printTable(rows);
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
