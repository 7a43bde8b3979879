/** The faults that one instance must live through. */
import { STATUS_PATHS } from "../../src/status/status_answers.ts";
import { askEngine } from "../../tests/support/namespace.ts";
import { pause, signalProcess } from "../../tests/support/processes.ts";
import type { Random } from "../../tests/support/random.ts";
import { kill } from "../faults/scenario.ts";
import { Noise } from "./noise.ts";
import type { Expected, FaultScene, SoakFault } from "./soak_fault.ts";

/** An engine that dies serves again within this time, ms; some 200 on a quiet machine. */
const RECOVERY_MS = 10_000;

/**
 * Three probes of a second, each with as long a look at the metrics and a second until the next, a second of
 * grace, and a recovery: 10 s on a quiet machine, ms.
 */
const HANG_MS = 30_000;

/** One that goes on serves within this time, ms. */
const SERVES_ON_MS = 5_000;

/** More than all pipes on the way hold, bytes. */
const FLOOD_BYTES = 4_000_000;

/** How long a flood may take, ms: 1.3 s at the slow reader's pace. */
const FLOOD_MS = 30_000;

const NONE: Expected = { kind: "none" };
const KILLED: Expected = { kind: "recovery", exitCode: 128 + 9 };
const HUNG: Expected = { kind: "recovery", exitCode: undefined };

/** The numbers of signals by which a process dies of a mistake of its own. */
const FATAL: ReadonlyMap<string, number> = new Map([["SEGV", 11], ["ABRT", 6], ["BUS", 7], [
  "ILL",
  4,
]]);

/** @returns A time between two, ms. */
function between(random: Random, leastMs: number, mostMs: number): number {
  return leastMs + random.integer(mostMs - leastMs);
}

/** Freezes a process for some time. */
async function freeze(pid: number, ms: number, meanwhile?: () => void): Promise<void> {
  kill(pid, "SIGSTOP");
  try {
    await pause(ms / 2);
    meanwhile?.();
    await pause(ms / 2);
  } finally {
    kill(pid, "SIGCONT");
  }
}

const killEngine = ({ engine }: FaultScene) => kill(engine.pid, "SIGKILL");

/** Fills the file system of a directory. @returns The file that does. */
function fill(directory: string): string {
  const path = `${directory}/fill`;
  const chunk = new Uint8Array(4096);
  using file = Deno.openSync(path, { create: true, write: true });
  try {
    for (;;) file.writeSync(chunk);
  } catch (error) {
    if (!/space/i.test(String(error))) throw error;
  }
  return path;
}

/** Prints much, and waits until all of it has come. */
async function flood({ instance }: FaultScene, bytes: number): Promise<void> {
  const { reader, port } = instance;
  const due = reader.floodBytes + bytes;
  void askEngine(port, "POST", `/control/print?bytes=${bytes}`); // It answers once all is printed.
  for (const begin = performance.now(); reader.floodBytes < due;) {
    if (performance.now() - begin > FLOOD_MS) {
      throw new Error(`${due - reader.floodBytes} bytes of a flood of ${bytes} did not come`);
    }
    await pause(20);
  }
  if (reader.floodBytes > due) throw new Error(`${reader.floodBytes - due} bytes too many came`);
}

/** Every fault. */
export const SOAK_FAULTS: readonly SoakFault[] = [
  {
    name: "SIGKILL engine",
    withinMs: RECOVERY_MS,
    inflict: (scene) => {
      killEngine(scene);
      return KILLED;
    },
  },
  {
    name: "engine dies of a fatal signal",
    withinMs: RECOVERY_MS,
    inflict: async ({ instance, random }) => {
      const [name, number] = random.pick([...FATAL]);
      await instance.order(`/control/signal?name=${name}`);
      return { kind: "recovery", exitCode: 128 + number };
    },
  },
  {
    name: "engine exits with a random code",
    withinMs: RECOVERY_MS,
    inflict: async ({ instance, random }) => {
      const exitCode = random.integer(256);
      await instance.order(`/control/crash?exit=${exitCode}`);
      return { kind: "recovery", exitCode };
    },
  },
  {
    name: "SIGKILL a worker",
    withinMs: RECOVERY_MS,
    inflict: ({ engine, random }) => {
      kill(random.pick(engine.children), "SIGKILL");
      return { kind: "recovery", exitCode: 1 };
    },
  },
  {
    name: "SIGKILL engine and every worker",
    withinMs: RECOVERY_MS,
    inflict: ({ engine }) => {
      kill(engine.pid, "SIGKILL");
      for (const pid of engine.workers) signalProcess(pid, "SIGKILL"); // It may be swept already.
      return KILLED;
    },
  },
  {
    name: "SIGSTOP engine for good",
    withinMs: HANG_MS,
    inflict: ({ engine }) => {
      kill(engine.pid, "SIGSTOP");
      return HUNG;
    },
  },
  {
    name: "engine answers nothing more",
    withinMs: HANG_MS,
    inflict: async ({ instance }) => {
      await instance.order("/control/hang");
      return HUNG;
    },
  },
  {
    name: "engine says that it is unhealthy",
    withinMs: HANG_MS,
    inflict: async ({ instance }) => {
      await instance.order("/control/unhealthy");
      return HUNG;
    },
  },
  {
    name: "worker frozen for a while",
    withinMs: SERVES_ON_MS,
    inflict: async ({ engine, random }) => {
      await freeze(random.pick(engine.workers), between(random, 200, 2_000));
      return NONE;
    },
  },
  {
    name: "CLI frozen for a while",
    freezesProgram: true,
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance, random }) => {
      await freeze(instance.program, between(random, 200, 5_000));
      return NONE;
    },
  },
  {
    name: "CLI frozen, SIGKILL engine meanwhile",
    freezesProgram: true,
    withinMs: RECOVERY_MS,
    inflict: async (scene) => {
      const { instance, random } = scene;
      await freeze(instance.program, between(random, 200, 5_000), () => killEngine(scene));
      return KILLED;
    },
  },
  {
    name: "supervisord frozen for a while",
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance, random }) => {
      await freeze(instance.supervisord, between(random, 200, 8_000));
      return NONE;
    },
  },
  {
    name: "supervisord frozen, SIGKILL engine meanwhile",
    withinMs: RECOVERY_MS,
    inflict: async (scene) => {
      const { instance, random } = scene;
      await freeze(instance.supervisord, between(random, 200, 8_000), () => killEngine(scene));
      return KILLED;
    },
  },
  {
    name: "flood of output, slow reader",
    withinMs: SERVES_ON_MS,
    inflict: async (scene) => {
      const { reader } = scene.instance;
      reader.pace = "slow";
      await flood(scene, FLOOD_BYTES);
      reader.pace = "fast";
      return NONE;
    },
  },
  {
    name: "flood of output, lines on stderr too",
    withinMs: SERVES_ON_MS,
    inflict: async (scene) => {
      await scene.instance.order("/control/print?bytes=100000&stream=stderr");
      await flood(scene, FLOOD_BYTES);
      return NONE;
    },
  },
  {
    name: "flood, stalled reader, SIGKILL engine",
    withinMs: RECOVERY_MS,
    inflict: async (scene) => {
      const { instance, random } = scene;
      instance.reader.pace = "stalled";
      void askEngine(instance.port, "POST", `/control/print?bytes=${FLOOD_BYTES}`);
      await pause(between(random, 200, 2_000));
      killEngine(scene);
      await pause(between(random, 0, 2_000));
      instance.reader.pace = "fast";
      return KILLED;
    },
  },
  {
    name: "children that leave orphans",
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance, random }) => {
      await instance.order(`/control/fork?count=${20 + random.integer(80)}`);
      await instance.run.waitFor(
        () => instance.events.some(({ event }) => event === "forked"),
        "the children",
      );
      return NONE;
    },
  },
  {
    name: "status asked in every way",
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance }) => {
      for (const path of STATUS_PATHS) await instance.ask(path);
      for (const option of ["--status", "--health", "--ready"]) {
        const { code, stderr } = await instance.askProgram(option);
        if (code !== 0) throw new Error(`${option} ended with ${code}: ${stderr}`);
      }
      return NONE;
    },
  },
  {
    name: "status port: 100 connections, nothing asked",
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance, random }) => {
      const open = { hostname: "127.0.0.1", port: instance.statusPort };
      const connections = await Promise.all(
        Array.from({ length: 100 }, () => Deno.connect(open)),
      );
      await pause(between(random, 100, 1_000));
      for (const connection of connections) connection.close();
      return NONE;
    },
  },
  {
    name: "supervisorctl restart",
    withinMs: RECOVERY_MS,
    inflict: async ({ instance }) => {
      await instance.control("restart", "all");
      return { kind: "by hand" };
    },
  },
  {
    name: "full TMPDIR, SIGKILL engine",
    withinMs: RECOVERY_MS,
    inflict: (scene) => {
      const path = fill(scene.instance.temporary);
      killEngine(scene);
      return { ...KILLED, lift: () => Deno.removeSync(path) };
    },
  },
  {
    name: "both cores busy",
    withinMs: SERVES_ON_MS,
    inflict: async ({ random }) => {
      using _noise = new Noise();
      await pause(between(random, 1_000, 5_000));
      return NONE;
    },
  },
  {
    name: "both cores busy, SIGKILL engine",
    withinMs: RECOVERY_MS,
    inflict: async (scene) => {
      const noise = new Noise();
      await pause(between(scene.random, 200, 2_000));
      killEngine(scene);
      return { ...KILLED, lift: () => noise[Symbol.dispose]() };
    },
  },
  {
    name: "SIGHUP, SIGUSR1, SIGUSR2 for the engine",
    withinMs: SERVES_ON_MS,
    inflict: async ({ instance }) => {
      for (const name of ["HUP", "USR1", "USR2"] as const) {
        instance.signal(`SIG${name}`);
        await instance.run.waitFor(
          () => instance.events.some(({ event, signal }) => event === "signal" && signal === name),
          `${name} to reach the engine`,
        );
      }
      return NONE;
    },
  },
];
