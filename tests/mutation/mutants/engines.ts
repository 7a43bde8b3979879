/** Mistakes in telling which engine it is, whether it works, and why it died. */
import { type Mutant, mutate } from "../mutant.ts";

const CAUSES = { files: ["src/diagnosis/explain_death_test.ts", "src/engines/causes_test.ts"] };
const GROUP = { files: ["src/engines/group_test.ts"] };
const RECOGNITION = { files: ["src/engines/recognize_test.ts"] };
const HEALTH = {
  files: [
    "src/health/canary_test.ts",
    "src/health/engine_progress_test.ts",
    "src/health/start_decision_test.ts",
  ],
};

const DEATHS: readonly Mutant[] = [
  ...mutate("src/diagnosis/death_signs.ts", CAUSES, [
    [
      "lets what a line may mean win over what it does mean",
      "return tiers < 0 || (tiers === 0 &&",
      "return tiers > 0 || (tiers === 0 &&",
    ],
    [
      "lets the least specific cause of a line win",
      "(RANK.get(cause) ?? 0) < (RANK.get(than.cause) ?? 0));",
      "(RANK.get(cause) ?? 0) > (RANK.get(than.cause) ?? 0));",
    ],
    [
      "takes the last line of the strongest for the cause",
      "const sign = signs.find((candidate) => candidate.strength === strength);",
      "const sign = signs.findLast((candidate) => candidate.strength === strength);",
    ],
    [
      "takes what a wrapper quotes for the cause",
      `if (isWrapper && rule.cause !== "worker_died") continue;`,
      `if (isWrapper && rule.cause === "worker_died") continue;`,
    ],
    [
      "takes a full /dev/shm for a full disk",
      `? { ...sign, cause: "shm_exhausted" }`,
      `? { ...sign, cause: "disk_full" }`,
    ],
    [
      "takes a request that failed for the cause",
      "(OF_REQUESTS.has(sign.cause) && isOfRequest(lines, at))) continue;",
      "(OF_REQUESTS.has(sign.cause) && at < 0)) continue;",
    ],
  ]),
  ...mutate("src/diagnosis/explain_death.ts", CAUSES, [
    [
      "takes what a failed start said for the death of one that worked",
      "!(OF_STARTS.has(cause) && at < lifeAt));",
      "!(OF_STARTS.has(cause) && at < -1));",
    ],
    [
      "takes a stop for the cause of what stood before it",
      "return agrees && stopAt < sign.at && OF_STOPS.has(sign.cause);",
      "return agrees && OF_STOPS.has(sign.cause);",
    ],
    [
      "takes a stop for the cause of anything",
      "return agrees && stopAt < sign.at && OF_STOPS.has(sign.cause);",
      "return agrees && stopAt < sign.at;",
    ],
    [
      "believes a worker's SIGTERM where the exit tells nothing",
      "? !OF_A_WORKER.test(stop.text)",
      "? true",
    ],
    [
      "takes SIGKILL for the OOM killer's though the kernel has counted none",
      `if (signal === "SIGKILL" && facts?.oomKills !== 0) {`,
      `if (signal === "SIGKILL") {`,
    ],
    [
      "takes vLLM's own signal for a stop",
      "STOP_REQUEST.test(text) && !NO_REQUEST.test(text));",
      "STOP_REQUEST.test(text));",
    ],
    ["shows more evidence than three lines", "texts.slice(0, MAX_EVIDENCE)", "texts.slice(0)"],
  ]),
  ...mutate("src/diagnosis/death_facts.ts", CAUSES, [
    [
      "believes the facts before a decisive line",
      `if (sign?.strength === "decisive") return undefined;`,
      `if (sign?.at === -1) return undefined;`,
    ],
  ]),
  ...mutate("src/diagnosis/death_exit.ts", CAUSES, [
    [
      "does not know a shell's 128 + n",
      "exit.code === 128 + number)?.[0];",
      "exit.code === number)?.[0];",
    ],
    [
      "takes exit code 0 for a clean end whatever the log says",
      `if (exit.code === 0) return hasTrouble ? "unknown" : "clean_exit";`,
      `if (exit.code === 0) return hasTrouble ? "clean_exit" : "clean_exit";`,
    ],
  ]),
  ...mutate("src/diagnosis/log_signs.ts", CAUSES, [
    [
      "does not look above an exception that came while another was handled",
      `    if (/^(?:During handling of the above|The above exception was)/.test(heading?.text ?? "")) {
      continue;
    }
`,
      "",
    ],
    [
      "takes the answer that was under way for a sign of life",
      "return Math.max(startedAt, servedBefore);",
      "return Math.max(startedAt, servedBefore, servedAt);",
    ],
  ]),
];

const ENGINES: readonly Mutant[] = [
  ...mutate("src/engines/group.ts", GROUP, [
    [
      "takes a group of one for a group",
      "if (readCount(all[name]) > 1)",
      "if (readCount(all[name]) > 0)",
    ],
    [
      "takes the most of torchrun's 1:4",
      `return readCount(nodes.split(":")[0]) > 1`,
      `return readCount(nodes.split(":").at(-1)) > 1`,
    ],
    [
      "takes Ray's own address for another node's",
      "if (address !== undefined && !OWN_ADDRESS.test(address)) {",
      "if (address !== undefined) {",
    ],
    [
      "takes data parallelism on one machine for a group",
      "return here !== undefined && readCount(size) > Math.max(1, readCount(here))",
      "return readCount(size) > Math.max(1, readCount(here))",
    ],
    [
      "ends the container of a group that is to be restarted here",
      `if (choice === "process") return undefined;`,
      `if (choice === "process") return sign;`,
    ],
  ]),
  ...mutate("src/engines/address.ts", RECOGNITION, [
    [
      "takes the first of two ports",
      "const given = readOption(args, source.options).at(-1);",
      "const given = readOption(args, source.options).at(0);",
    ],
    [
      "believes its default though a file may say another port",
      `if (port.origin !== "argument" && hasFile(args, listening)) return undefined;`,
      `if (port.origin === "environment" && hasFile(args, listening)) return undefined;`,
    ],
    [
      "asks plain HTTP where it has a certificate",
      `scheme: hasOption(args, listening.tls) ? "https" : "http",`,
      `scheme: hasOption(args, listening.tls) ? "http" : "http",`,
    ],
  ]),
];

const WATCHES: readonly Mutant[] = [
  ...mutate("src/health/start_decision.ts", HEALTH, [
    [
      "takes a stranger's answer for the engine's",
      `if (answer.kind === "ready" && !isHeld) return`,
      `if (answer.kind === "ready") return`,
    ],
    [
      "believes at once that it cannot be asked",
      "next.unaskable >= MAX_UNASKABLE) return giveUp(answer.text);",
      "next.unaskable >= 1) return giveUp(answer.text);",
    ],
    [
      "takes any other port for the same one",
      ": state.port === view.elsewhere\n",
      ": state.port !== view.elsewhere\n",
    ],
    [
      "waits indefinitely for a good answer",
      "if (afterMs >= longestMs) return giveUp(",
      "if (afterMs < 0) return giveUp(",
    ],
  ]),
  ...mutate("src/health/engine_progress.ts", HEALTH, [
    [
      "takes idleness for a hang",
      "const goesOn = before !== undefined && before.isRunning && reading.isRunning && !hasMoved;",
      "const goesOn = before !== undefined && !hasMoved;",
    ],
    [
      "takes a failed scrape for a stuck engine",
      `case "failed":
      return { ...state, stuck: undefined };`,
      `case "failed":
      return { ...state, stuck: { sinceMs: state.stuck?.sinceMs ?? nowMs, untilMs: nowMs } };`,
    ],
    [
      "counts the time after the last answer",
      "return { ...state, stuck: { sinceMs: state.stuck?.sinceMs ?? nowMs, untilMs: nowMs } };",
      "return { ...state, readMs: nowMs, stuck: undefined };",
    ],
  ]),
  ...mutate("src/health/canary.ts", HEALTH, [
    [
      "takes an error for a hang though no canary was ever answered",
      "if (!state.hasSung) return state;",
      "if (state.isOff) return state;",
    ],
    [
      "takes the silence of one that loads for a hang",
      "if (!state.hasSung && !hasServed) return state;",
      "if (state.isOff) return state;",
    ],
    [
      "counts failures over all time",
      `case "sang":
      return { ...state, hasSung: true, failures: 0 };`,
      `case "sang":
      return { ...state, hasSung: true };`,
    ],
  ]),
];

/** Every one. */
export const ENGINE_MUTANTS: readonly Mutant[] = [...DEATHS, ...ENGINES, ...WATCHES];
