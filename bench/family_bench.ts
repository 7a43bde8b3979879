import { decideWait } from "../src/linux/wait_channel.ts";
import { findDescendants } from "../src/processes/descent.ts";
import { parseStat, type ProcessEntry } from "../src/linux/process_table.ts";
import { Runs } from "../src/processes/runs.ts";

/** Ours is the tree of pid 1,000: thirty members; all else is the host's. */
function makeTable(size: number): ProcessEntry[] {
  return Array.from({ length: size }, (_, at): ProcessEntry => {
    const pid = at + 1;
    const isOurs = pid > 1_000 && pid <= 1_030;
    return {
      pid,
      parentPid: isOurs ? (pid < 1_004 ? 1_000 : 1_001 + pid % 3) : pid >> 2,
      groupId: pid,
      sessionId: pid,
      state: "S",
      threads: 1,
      startTicks: String(pid),
    };
  });
}

const container = makeTable(1_040);
const host = makeTable(20_000);

Deno.bench("findDescendants() in a table of 1,040", { group: "tree", baseline: true }, () => {
  findDescendants(1_000, container);
});

Deno.bench("findDescendants() in a table of 20,000", { group: "tree" }, () => {
  findDescendants(1_000, host);
});

const STAT = "42 (VLLM::EngineCor) S 1 40 39 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 211 0 123456 1 2 3";

Deno.bench("parseStat()", () => {
  parseStat(STAT);
});

Deno.bench("Runs.note() of a program that restarts indefinitely", () => {
  const runs = new Runs();
  for (let pid = 1; pid <= 100; pid++) runs.note(pid, undefined, "llm_engine:llm_engine");
});

Deno.bench("decideWait()", () => {
  decideWait({ state: "S", syscall: "1 0x1 0x7f 0x64", wchan: undefined, arch: "x86_64" });
});
