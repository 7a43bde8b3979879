/** SIGTERM at every moment of a run. */
import { waitForEvent } from "../../tests/support/engines.ts";
import { type Expectation, kill, type Scenario, type Scene } from "./scenario.ts";

const PROMPT: Expectation = { kind: "exits", code: 0, withinMs: 2_000 };

const terminate = ({ program }: Scene) => kill(program, "SIGTERM");

/** The scenarios, in the table's order. */
export const STOPPED: readonly Scenario[] = [
  {
    name: "SIGTERM while starting",
    expects: PROMPT,
    after: "supervisord",
    inflict: terminate,
  },
  {
    name: "SIGTERM while loading",
    expects: PROMPT,
    after: "workers",
    engineArgs: ["--load-secs", "60"],
    inflict: terminate,
  },
  {
    name: "SIGTERM while serving",
    expects: PROMPT,
    inflict: terminate,
  },
  {
    name: "SIGTERM in back-off",
    expects: PROMPT,
    after: "exit",
    engineArgs: ["--die-after", "0.1"],
    env: { SUPERVISOR_PROGRAM_STARTSECS: "5" },
    inflict: terminate,
  },
  {
    name: "second SIGTERM while draining",
    expects: { kind: "exits", code: 0, withinMs: 3_000 },
    engineArgs: ["--drain-secs", "20"],
    inflict: async (scene) => {
      terminate(scene);
      await waitForEvent(scene.run, "term");
      terminate(scene);
    },
  },
];
