/**
 * How fast the engine's output goes through, and whether every byte of it arrives: plain supervisord on
 * a pipe; ours with evidence, on a pipe and on a socket, and without it.
 *
 *     deno run -A bench/output.ts [--mb 200] [--rounds 5]
 */
import { signalProcess } from "../tests/support/processes.ts";
import { Run, type RunOptions } from "../tests/support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../tests/support/supervisords.ts";
import { definePlain } from "./peers/contenders/supervisord.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

const STDIO = new URL("../tests/support/stdio.py", import.meta.url).pathname;
const WRITER = new URL("write_lines.py", import.meta.url).pathname;

/** The best rounds are compared, since noise only slows; ours may be this much slower even so. */
const TOLERANCE = 0.9;

/** Who passes the output on. */
interface Contestant {
  readonly name: string;
  readonly isOurs: boolean;
  /** Runs a writer, whose command may name files in the run's directory. */
  readonly run: (
    writer: (directory: string) => readonly string[],
    options: Partial<RunOptions>,
  ) => Run;
}

function makeContestants(supervisord: InstalledSupervisord): readonly [Contestant, Contestant] {
  return [
    {
      name: "standard-supervisor",
      isOurs: true,
      run: (writer, options) => new Run({ supervisord, args: writer, ...options }),
    },
    {
      name: `supervisord ${supervisord.version}`,
      isOurs: false,
      run: (engine, options) =>
        new Run({
          args: [],
          ...options,
          command: (directory) =>
            definePlain(supervisord.path, { engine: engine(directory) }, directory, "false")
              .command,
        }),
    },
  ];
}

interface Reading {
  readonly bytes: number;
  readonly secs: number;
  readonly equal: boolean;
}

/** Binary with every byte value, no period that divides a buffer, no final line feed. */
function writeExpected(path: string, bytes: number): void {
  const block = new Uint8Array(1_000_003);
  for (let at = 0; at < block.length; at += 65_536) {
    crypto.getRandomValues(block.subarray(at, at + 65_536));
  }
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (let left = bytes; left > 0; left -= block.length) {
    for (let sent = 0, end = Math.min(left, block.length); sent < end;) {
      sent += file.writeSync(block.subarray(sent, end));
    }
  }
}

/** Has the file written by an engine, and reads what comes out. */
async function read(
  contestant: Contestant,
  { python }: InstalledSupervisord,
  expected: string,
  kind: string,
  writeBytes: number,
  evidence: "on" | "off",
): Promise<Reading> {
  await using run = contestant.run(
    (directory) => [
      ...[python, "-S", "-I", WRITER, expected, String(writeBytes), `${directory}/tmp/done`],
    ],
    {
      env: {
        SUPERVISOR_PROGRAM_AUTORESTART: "false",
        LOG_LEVEL: "critical",
        PROCESS_LOG_EVIDENCE: evidence,
      },
      wrapper: (directory) => [
        ...[python, "-S", "-I", STDIO, kind, `=${expected}`, `${directory}/err`],
      ],
    },
  );
  await run.waitFor(
    () => run.end !== undefined || run.readTemporary().includes("done"),
    "the writer's end",
    120_000,
  );
  // Plain supervisord stays when its program has ended; what is in its pipe it still passes on.
  const plain = contestant.isOurs ? undefined : run.findSupervisord();
  if (plain !== undefined) signalProcess(plain, "SIGTERM");
  await run.waitForEnd();
  const [reading] = JSON.parse(run.read("stdout"));
  return reading;
}

async function main(args: readonly string[]): Promise<number> {
  const bytes = readOption(args, "mb", 200) * 1_000_000;
  const rounds = readOption(args, "rounds", 5);
  const bounds = new Bounds();
  const directory = Deno.makeTempDirSync({ prefix: "bench-output-" });
  try {
    const expected = `${directory}/expected`;
    writeExpected(expected, bytes);
    for (const supervisord of readSupervisords()) {
      const [ours, plain] = makeContestants(supervisord);
      const rows: (string | number)[][] = [];
      for (const writeBytes of [65_536, 100]) {
        const ways = [
          [plain, "pipe", "off"],
          [ours, "pipe", "on"],
          [ours, "pipe", "off"],
          [ours, "socket", "on"],
        ] as const;
        const speeds: number[][] = ways.map(() => []);
        const isExact = ways.map(() => true);
        for (let round = 0; round < rounds; round++) {
          for (const [index, [contestant, kind, evidence]] of ways.entries()) {
            const reading = await read(
              ...[contestant, supervisord, expected, kind, writeBytes, evidence] as const,
            );
            speeds[index]!.push(reading.bytes / 1e6 / reading.secs);
            isExact[index] &&= reading.equal && reading.bytes === bytes;
          }
        }
        const plainBest = Math.max(...speeds[0]!);
        for (const [index, [{ name, isOurs }, kind, evidence]] of ways.entries()) {
          const best = Math.max(...speeds[index]!);
          const way = isOurs ? `${kind}, evidence ${evidence}` : kind;
          const title = `${name} on a ${way}, writes of ${writeBytes} bytes`;
          rows.push([title, median(speeds[index]!), best, isExact[index] ? "yes" : "NO"]);
          bounds.expect(`${title}: byte for byte`, isExact[index]!);
          if (isOurs && kind === "pipe") {
            bounds.expect(`${title}: as fast as plain`, best >= plainBest * TOLERANCE);
          }
        }
      }
      console.log(`\nsupervisord ${supervisord.version}, ${bytes / 1e6} MB, ${rounds} rounds`);
      printTable([["", "MB/s: median", "max", "byte for byte"], ...rows]);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
