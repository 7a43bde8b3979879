import { parseProcessInfos } from "../src/supervisord/process_info.ts";
import { parseLoggedExit, parseLogLine } from "../src/formats/supervisord_log.ts";
import { parseReply } from "../src/formats/xmlrpc.ts";
import type { Observation, ProcessStatus } from "../src/policy/observation.ts";
import { decide, INITIAL_STATE, type Policy } from "../src/policy/policy.ts";

const NAME = "llm_engine:llm_engine";

const POLICY: Policy = {
  programs: new Map([[NAME, {
    autostart: true,
    autorestart: "always",
    expectedCodes: new Set([255]),
    maxStartRetries: 3,
    maxRecoveryAttempts: Infinity,
    recoveryWindowMs: 600_000,
    startMs: 1_000,
    stopWaitMs: 30_000,
    hangGraceMs: 5_000,
  }]]),
  shutdownGraceMs: 35_000,
};

function look(status: ProcessStatus): Observation {
  return {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [{ name: NAME, isEngine: true, isFatal: false, status }],
    swept: new Map([[NAME, Infinity]]),
  };
}

const alive = look({ kind: "alive", pid: 7 });
const next = look({ kind: "alive", pid: 8 });
const ended = look({
  kind: "ended",
  exit: { kind: "signal", signal: "SIGSEGV" },
  spawnError: undefined,
});

function replay(steps: readonly (readonly [Observation, number])[]) {
  return steps.reduce(
    (state, [seen, nowMs]) => decide(POLICY, state, seen, nowMs).state,
    INITIAL_STATE,
  );
}

const started = replay([[alive, 0], [alive, 1_000]]);

Deno.bench("decide() with nothing new", { group: "decide", baseline: true }, () => {
  decide(POLICY, started, alive, 60_000);
});

Deno.bench("decide() from a crash to the next start", { group: "decide" }, () => {
  let state = decide(POLICY, started, ended, 60_000).state;
  state = decide(POLICY, state, ended, 60_001).state;
  state = decide(POLICY, state, next, 60_002).state;
  state = decide(POLICY, state, next, 61_002).state;
  if (state.engines.get(NAME)?.runs !== 2) throw new Error("It was not restarted");
});

const REPLY = (() => {
  const member = (name: string, value: string) =>
    `<member>\n<name>${name}</name>\n<value>${value}</value>\n</member>\n`;
  const process = (name: string) =>
    `<value><struct>\n${
      [
        member("name", `<string>${name}</string>`),
        member("group", `<string>${name}</string>`),
        ...["start", "stop", "now", "state", "exitstatus", "pid"].map((key) =>
          member(key, "<int>1764324000</int>")
        ),
        member("statename", "<string>RUNNING</string>"),
        member("spawnerr", "<string></string>"),
        member("logfile", "<string>/dev/stdout</string>"),
        member("description", "<string>pid 77, uptime 0:00:05</string>"),
      ].join("")
    }</struct></value>\n`;
  const processes = ["llm_engine", "metrics", "proxy"].map(process).join("");
  return `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n${processes}</data></array></value>\n</param>\n</params>\n</methodResponse>\n`;
})();

Deno.bench("parseReply() of three processes", () => {
  parseProcessInfos(parseReply(REPLY));
});

const LINE =
  "2026-11-28 10:00:00,123 WARN exited: llm_engine (terminated by SIGSEGV (core dumped); not expected)";

Deno.bench("parseLogLine() of supervisord's log", () => {
  const line = parseLogLine(LINE);
  if (line !== undefined) parseLoggedExit(line.text);
});
