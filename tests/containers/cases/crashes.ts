/** What dies in it, and what never starts. */
import type { Case } from "../case.ts";
import { mustPodman } from "../podman.ts";
import type { Container } from "../container.ts";

const SUPERVISORD = /supervisord.* -c /;
const PROGRAM = /^\S*standard-supervisor /;

/** Kills from inside, as somebody with `podman exec` does. */
export const execKill = (words: RegExp) => (container: Container) =>
  container.exec(`kill -9 ${container.findProcess(words).innerPid}`);

export const killEngine = (container: Container) => {
  const pid = container.readEvents().findLast(({ event }) => event === "loaded")?.pid;
  return container.exec(`kill -9 ${pid}`);
};

export const CRASHES: readonly Case[] = [
  {
    name: "`podman exec … kill -9` of the engine",
    act: killEngine,
    then: { kind: "recovers" },
  },
  {
    name: "`podman exec … kill -9` of a worker, which takes the engine down",
    act: async (container) => {
      const [worker] = container.readEvents().find(({ event }) => event === "workers")!.workers!;
      await container.exec(`kill -9 ${worker}`);
    },
    then: { kind: "recovers" },
  },
  {
    name: "the engine dies of SIGSEGV",
    act: (container) => container.order("signal?name=SEGV"),
    then: { kind: "recovers" },
  },
  {
    name: "`podman exec … kill -9` of supervisord",
    act: execKill(SUPERVISORD),
    then: { kind: "ends", code: 125, engine: "is killed" },
  },
  {
    name: "`podman exec … kill -9 1`, which the kernel ignores",
    act: (container) => container.exec("kill -9 1"),
    then: { kind: "serves on" },
  },
  {
    name: "the engine dies at once, every time",
    engine: ["--die-after", "0", "--exit", "3"],
    isServed: false,
    then: { kind: "ends", code: 1, atLeastMs: 5_000 },
  },
  {
    name: "the same, `PROCESS_GIVE_UP_EXIT_CODE=engine`, `PROCESS_MAX_START_RETRIES=0`",
    engine: ["--die-after", "0", "--exit", "3"],
    env: { PROCESS_GIVE_UP_EXIT_CODE: "engine", PROCESS_MAX_START_RETRIES: "0" },
    isServed: false,
    then: { kind: "ends", code: 3 },
  },
  {
    name: "a crash where `PROCESS_MAX_RECOVERY_ATTEMPTS` and `PROCESS_MAX_START_RETRIES` are 0",
    env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "0", PROCESS_MAX_START_RETRIES: "0" },
    act: killEngine,
    then: { kind: "ends", code: 1, engine: "is killed" },
  },
  {
    name: "the command is not found",
    command: () => ["no-such-engine"],
    isServed: false,
    then: { kind: "ends", code: 127 },
  },
  {
    name: "the command cannot be executed",
    command: () => ["/etc/passwd"],
    isServed: false,
    then: { kind: "ends", code: 126 },
  },
  {
    name: "no command",
    command: () => [],
    isServed: false,
    then: { kind: "ends", code: 1 },
  },
  {
    name: "a variable with a wrong value",
    env: { PROCESS_MAX_START_RETRIES: "many" },
    isServed: false,
    then: { kind: "ends", code: 1 },
  },
  {
    name: "`PROCESS_AUTO_RECOVERY=false`, `podman exec … kill -9` of a worker",
    env: { PROCESS_AUTO_RECOVERY: "false" },
    act: async (container) => {
      const [worker] = container.readEvents().find(({ event }) => event === "workers")!.workers!;
      await container.exec(`kill -9 ${worker}`);
    },
    then: { kind: "ends", code: 1 },
  },
];

/** Where standard-supervisor is not PID 1. */
export const INITS: readonly Case[] = [
  {
    name: "`--init`, `podman stop`",
    options: ["--init"],
    act: (container) => container.stop(),
    then: { kind: "ends", code: 0, engine: "drains" },
  },
  {
    name: "`--init`, `podman exec … kill -9` of the engine",
    options: ["--init"],
    act: killEngine,
    then: { kind: "recovers" },
  },
  {
    name: "`--init`, `podman exec … kill -9` of standard-supervisor",
    options: ["--init"],
    act: execKill(PROGRAM),
    then: { kind: "ends", code: 137 },
  },
  {
    name: "`--pid host`, `podman stop`",
    options: ["--pid", "host"],
    act: (container) => container.stop(),
    then: { kind: "ends", code: 0, engine: "drains" },
  },
  {
    name: "`--pid host`, `podman kill` (SIGKILL)",
    options: ["--pid", "host"],
    act: (container) => mustPodman(["kill", container.id]),
    then: { kind: "ends", code: 137, engine: "is killed" },
  },
  {
    name: "`--pid host`, `podman exec … kill -9` of the engine",
    options: ["--pid", "host"],
    act: killEngine,
    then: { kind: "recovers" },
  },
];
