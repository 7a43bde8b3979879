/**
 * From an engine's output to lines that can be compared with words: colours, prefixes and wrappings
 * in JSON go, the level stays.
 *
 * @module
 */

/** One line of an engine's output. */
export interface LogLine {
  /** As it was printed, without colours. */
  readonly raw: string;
  /** What it says, without time, level, rank, pid and source. */
  readonly text: string;
  /** Whether it was logged as a mere warning or less. */
  readonly isMild: boolean;
}

/** Longer lines are cut: what tells stands at the front. */
const MAX_LINE_LENGTH = 4_000;

// deno-lint-ignore no-control-regex -- escape sequences are control characters
const ANSI = /(?:\x1b|#033)\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[()][A-Z0-9]/g;

/** Prefixes that loggers, containers, Ray, MPI, journald and the kernel put before a line. */
const PREFIXES: readonly RegExp[] = [
  /^\d{13},"?/, // CloudWatch
  /^[\w.-]+ +\| +/, // Compose: `triton-1  | `
  /^\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?(?: (?:stdout|stderr) [FP])?\b[ \t|-]*/,
  /^\d{4}\/\d\d\/\d\d [\d:.]+\s*/,
  /^[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?\s+(?:[\w.-]+ )?(?:[\w.@/-]+(?:\[\d+\])?: )?/,
  /^\[?\d+,\d+\]?<std(?:out|err)>:\s*/, // mpirun --tag-output
  /^\((?:[\w.:<>,= -]*\b(?:pid|rank|ip)[ =][^)]*|raylet|pid|autoscaler[^)]*)\)\s*/,
  /^\(\w+\)\s+(?=\[)/,
  /^\[(?:rank|Rank) ?\d+\]:?\s*/,
  /^\[ *\d+\.\d+\]\s*/, // dmesg
  /^\[[^\]]*\d\d:\d\d:\d\d[^\]]*\]\s*/, // `[2025-03-11 02:15:06 TP1]`
  /^\[\d+\]\s*/,
  /^\[?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|TRACE|TensorRT-LLM|TRT-LLM|TRT|TM|RANK \d+)\]?:?\s+/,
  /^\[(?:TensorRT-LLM|TRT-LLM|TRT|TM|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL|[EWIFD])\]\s*/i,
  /^\d\d-\d\d \d\d:\d\d:\d\d\s*/,
  /^\d\d:\d\d:\d\d(?:[.,-]\d+)?\s*/,
  /^\[?[\w./-]+\.(?:py|cc|cpp|cu|h|rs|go|cuh):\d+\]\s*/,
  /^[\w./-]+\.(?:py|cc|cpp|cu|h|rs|go|cuh):\d+\] /,
  /^[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w./-]+:\d+\] /, // glog
  /^(?:[\w-]+: )*text_generation_\w+(?:::\w+)*: (?:\S+\.(?:rs|py):\d+: )?/,
  /^\d\.\d\d\.\d{3}\.\d{3} (?=[A-Z] )/, // llama-server
];

const MAX_PREFIXES = 8;

/** Only so far into a line a level is looked for: further on it is somebody's prose. */
const LEVEL_WITHIN = 160;

const MILD_LEVEL = /^(?:trace|debug|info|notice|warn|warning|\w+warning)$/i;

function isMildLine(text: string): boolean {
  const head = text.slice(0, LEVEL_WITHIN);
  if (/NCCL (?:WARN|INFO)/.test(head)) return false;
  if (/^\d\.\d\d\.\d{3}\.\d{3} [WID] /.test(head)) return true;
  // A word in lower case is prose, except in logfmt and after a tool's name.
  const found = /\blevel=(\w+)/.exec(head)?.[1] ??
    /(?:^|[\s[|(])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)(?=[\s\]:|,)]|$)/.exec(
      head,
    )?.[1] ??
    /\b(UserWarning|FutureWarning|DeprecationWarning|RuntimeWarning|warning)(?=:)/i.exec(head)?.[1];
  return found !== undefined && MILD_LEVEL.test(found);
}

/** Takes away what stands before the words. */
function stripPrefixes(text: string): string {
  let rest = text;
  for (let round = 0; round < MAX_PREFIXES; round++) {
    const before = rest;
    for (const prefix of PREFIXES) rest = rest.replace(prefix, "");
    if (rest === before) break;
  }
  return rest;
}

const JSON_TEXTS = [
  "message",
  "msg",
  "log",
  "event",
  "text",
  "error",
  "err",
  "exception",
  "exc_info",
  "stack",
  "stacktrace",
  "traceback",
];
const JSON_LEVELS = ["level", "levelname", "severity", "log.level", "lvl"];

/** What a JSON log line says, one line each; `undefined` for anything else. */
function readJsonLine(line: string): { texts: string[]; isMild: boolean } | undefined {
  if (!line.startsWith("{") || !line.endsWith("}")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const texts: string[] = [];
  let level = "";
  const visit = (object: Readonly<Record<string, unknown>>, depth: number): void => {
    for (const [key, item] of Object.entries(object)) {
      const name = key.toLowerCase();
      if (typeof item === "string") {
        if (JSON_TEXTS.includes(name)) texts.push(...item.split("\n"));
        else if (JSON_LEVELS.includes(name) && level === "") level = item;
      } else if (depth < 2 && item !== null && typeof item === "object" && !Array.isArray(item)) {
        visit(item as Readonly<Record<string, unknown>>, depth + 1);
      }
    }
  };
  visit(value as Readonly<Record<string, unknown>>, 0);
  if (texts.length === 0) return undefined;
  return { texts: texts.filter((text) => text.trim() !== ""), isMild: MILD_LEVEL.test(level) };
}

/** Reads an engine's output. */
export function readLogLines(lines: readonly string[]): LogLine[] {
  const read: LogLine[] = [];
  for (const line of lines) {
    const raw = line.slice(0, MAX_LINE_LENGTH).replace(ANSI, "").trimEnd();
    const json = readJsonLine(raw.trim());
    if (json === undefined) {
      read.push({ raw, text: stripPrefixes(raw), isMild: isMildLine(raw) });
    } else {
      for (const text of json.texts) {
        read.push({
          raw: text,
          text: stripPrefixes(text.replace(ANSI, "")),
          isMild: json.isMild || isMildLine(text),
        });
      }
    }
  }
  return read;
}
