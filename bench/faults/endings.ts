/** Ends of a run that the fault table does not have: each with an exit code of its own. */
import { waitForEvent } from "../../tests/support/engines.ts";
import { kill, type Scenario } from "./scenario.ts";

/** A shell's `&` has its command ignore both, and then they stop nothing. */
const HEARD = ["env", "--default-signal=INT,QUIT"];

/** The scenarios. */
export const ENDINGS: readonly Scenario[] = [
  {
    name: "failed starts used up",
    expects: { kind: "exits", code: 1, withinMs: 5_000 },
    after: "exit",
    engineArgs: ["--die-after", "0.1", "--exit", "3"],
    env: { SUPERVISOR_PROGRAM_STARTSECS: "5", PROCESS_MAX_START_RETRIES: "1" },
    inflict: () => {}, // It dies by itself.
  },
  {
    name: "recoveries used up",
    expects: { kind: "exits", code: 1, withinMs: 3_000 },
    env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "1" },
    inflict: async ({ run, order }) => {
      await order("/control/crash?exit=3");
      await waitForEvent(run, "loaded", 2);
      await order("/control/crash?exit=3");
    },
  },
  {
    name: "recoveries used up, exit code chosen",
    expects: { kind: "exits", code: 43, withinMs: 3_000 },
    env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "0", PROCESS_GIVE_UP_EXIT_CODE: "43" },
    inflict: ({ engine }) => kill(engine.pid, "SIGKILL"),
  },
  {
    name: "exit 9, autorestart=false",
    expects: { kind: "exits", code: 9, withinMs: 3_000 },
    env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
    inflict: ({ order }) => order("/control/crash?exit=9"),
  },
  {
    name: "exit 0, autorestart=unexpected, exitcodes=0",
    expects: { kind: "exits", code: 0, withinMs: 3_000 },
    env: { SUPERVISOR_PROGRAM_AUTORESTART: "unexpected", SUPERVISOR_PROGRAM_EXITCODES: "0" },
    inflict: ({ order }) => order("/control/crash?exit=0"),
  },
  {
    name: "SIGKILL engine, autorestart=false",
    expects: { kind: "exits", code: 128 + 9, withinMs: 3_000 },
    env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
    inflict: ({ engine }) => kill(engine.pid, "SIGKILL"),
  },
  {
    name: "exit 5, one of several nodes",
    expects: { kind: "exits", code: 5, withinMs: 3_000 },
    env: { LWS_GROUP_SIZE: "2", LWS_WORKER_INDEX: "0" },
    inflict: ({ order }) => order("/control/crash?exit=5"),
  },
  {
    name: "SIGINT while serving",
    wrapper: () => HEARD,
    expects: { kind: "exits", code: 0, withinMs: 2_000 },
    inflict: ({ program }) => kill(program, "SIGINT"),
  },
  {
    name: "SIGQUIT while serving",
    wrapper: () => HEARD,
    expects: { kind: "exits", code: 0, withinMs: 2_000 },
    inflict: ({ program }) => kill(program, "SIGQUIT"),
  },
  {
    name: "SIGTERM, a drain of 2 s",
    expects: { kind: "exits", code: 0, withinMs: 5_000 },
    engineArgs: ["--drain-secs", "2"],
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
  {
    name: "SIGTERM, engine dies while draining",
    expects: { kind: "exits", code: 0, withinMs: 3_000 },
    engineArgs: ["--drain-secs", "20"],
    inflict: async ({ run, program, engine }) => {
      kill(program, "SIGTERM");
      await waitForEvent(run, "term");
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "SIGTERM, engine ignores it",
    expects: { kind: "exits", code: 0, withinMs: 6_000 },
    engineArgs: ["--ignore-term"],
    env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "2" },
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
];
