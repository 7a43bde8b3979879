/** The engine, or one of its workers, dies. */
import { kill, RECOVERY, type Scenario } from "./scenario.ts";

/** The scenarios, in the table's order. */
export const ENGINE_DIES: readonly Scenario[] = [
  {
    name: "SIGKILL engine",
    expects: RECOVERY,
    inflict: ({ engine }) => kill(engine.pid, "SIGKILL"),
  },
  {
    name: "SIGKILL a worker",
    expects: RECOVERY,
    inflict: ({ workers }) => kill(workers[0]!.pid, "SIGKILL"),
  },
  {
    name: "SIGSEGV",
    expects: RECOVERY,
    inflict: ({ order }) => order("/control/signal?name=SEGV"),
  },
  {
    name: "exit 0 unasked, workers left",
    expects: RECOVERY,
    engineArgs: ["--leave-workers"],
    inflict: ({ order }) => order("/control/crash?exit=0"),
  },
];
