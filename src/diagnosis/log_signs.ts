/**
 * Lines that are no causes but say how to read others: what engines print last whatever happened,
 * signs that the engine works, exceptions that nothing caught.
 *
 * @module
 */
import type { LogLine } from "./log_lines.ts";

/** What is printed at the end of many deaths, whatever the cause: it stands above. */
export const WRAPPERS =
  /EngineDeadError|EngineGenerateError|Engine core initialization failed|Engine process failed to start|EngineCore (?:encountered|failed|hit)|Background loop has errored|Engine background task failed|Engine loop (?:has died|is not running|is dead)|(?:AsyncLLM )?output_handler failed|Failed core proc|See (?:stack trace|root cause) (?:\(?above|for)|^Error: (?:ShardCannotStart|WebserverFailed|WebServerCrashed|ShardFailed)|WorkerProc initialization failed|potential root cause|common causes include|Executor failed\.|^(?:asyncio\.exceptions\.)?CancelledError|NoneType: None/i;

/** What every line that tells a cause has one of: most lines have none, and are done with at once. */
const TROUBLE =
  /err|fail|exce|fatal|abort|assert|panic|kill|died|dead|crash|signal|\bsig|fault|dump|oom|memory|space|alloc|quota|errno|denied|permi|refus|unreach|time[sd]? ?-?out|hang|hung|stuck|blocked|unable|cannot|can't|could|not |no |invalid|unknown|un(?:recog|supp|expec|avail|spec|stable)|already|in use|must|should|require|exceed|larger|corrupt|lost|xid|nccl|gloo|missing|mismatch|incompat|illegal|terminat|exit|shutdown|gated|40[134]|\b5\d\d\b|oom|stop|bad|expected|full|wrong|too |only|than|free\(\)|curl|quit|interrupt|mutually|shm|ggml|c10_|segment|shard|iscover|resolv|c0000|reset|health|watchdog|rendezvous|peer|ranks|multiple|install|match|ensure|disk|\beof\b|ucx|compiled|driver|insuffic|low on|pressure|evict|limit|deadlock|throw|raise/i;

/** A frame of a stack, which names files and functions, not causes. */
const FRAME = /^\s*(?:File "|at [\w.$/]+\(|\^+\s*$|~+\^*)/;

/** Whether a line may tell a cause at all. */
export function mayTell(text: string): boolean {
  return TROUBLE.test(text) && !FRAME.test(text);
}

/** It has loaded, and begins to serve, or goes on after a failure. */
const STARTED =
  /Application startup complete|server is listening on|Uvicorn running on|llama runner started in|Started (?:HTTPService|GRPCInferenceService)|Listening at: http|The server is fired up|retrying without|: Connected$|load_model: initializing|Successfully loaded|Model loaded successfully|model loaded$/;

/** Its start has failed, whatever it goes on to open before it ends: MLServer's. */
const FAILED_START = /Some of the models failed to load during startup/;

/** It answers requests with tokens. */
const SERVES =
  /Avg generation throughput: (?:[1-9]|0\.[1-9])|gen throughput \(token\/s\): (?:[1-9]|0\.[1-9])|Prefill batch|all slots are idle|slot +(?:release|launch|print_timing)|"POST [^"]*" 200\b|\[GIN\].*\| 200 \|.*POST|has been resumed!/;

/**
 * Finds the last sign that an engine works. A single answer is none: what was under way when it died
 * may still be logged after.
 */
export function findLife(lines: readonly LogLine[]): number {
  const failedAt = lines.findLastIndex(({ text }) => FAILED_START.test(text));
  const startedAt = (failedAt < 0 ? lines : lines.slice(0, failedAt))
    .findLastIndex(({ text }) => STARTED.test(text));
  const servedAt = lines.findLastIndex(({ text }) => SERVES.test(text));
  const servedBefore = lines.slice(0, Math.max(0, servedAt))
    .findLastIndex(({ text }) => SERVES.test(text));
  return Math.max(startedAt, servedBefore);
}

const EXCEPTION =
  /^(?:\|? *E +|Caused by: |Exception in thread "[^"]*" |ERROR +|.{0,40}?\b(?:raised|exception): )?((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Error|Exception|Failure|Fault|NotFound|Timeout|Mismatch))(?:\([^)]*\))?(?:: .*|:?$)/;

/** Exceptions that say no more than that something ended. */
const EMPTY_EXCEPTIONS =
  /^(?:\S*\.)?(?:CancelledError|BrokenPipeError|ClientDisconnect\w*|GeneratorExit|EOFError|RayTaskError\S*|ChildFailedError|CalledProcessError|SystemExit|EngineDeadError|StopAsyncIteration|WebSocketDisconnect|HTTPException|RequestValidationError|ConnectionResetError|ConnectionAbortedError)\b/;

/** What one process says of another's. */
const OF_ANOTHER = /Worker failed with error|^RuntimeError: cancelled$/;

/** A request went wrong, not the engine. */
const OF_A_REQUEST =
  /\bserving_\w+\.py|Exception in ASGI application|Error (?:in|while) (?:handling|preprocessing|processing|applying) (?:the )?(?:request|prompt|chat)|Error in preprocessing|Error handling request|maximum context length|Input validation error|\w*(?:Completion|Chat|Generate|Embedding|Responses?)\w*Request\b|compat_generate|chat_completions:|optimizations will not be/i;

/** Neither an engine nor a request: what is only reported. */
const ASIDE =
  /Invalid HTTP request|Exception on \/|Internal Server Error|(?:Task|Future) exception was never retrieved|api_server\.py:\d|exception_handler|Exception ignored in|Bad Request|context length|in the messages|Request failed|\bignor(?:e|ed|ing)\b|falling back|non-fatal|continuing without/i;

/** How far above an exception its stack may begin, lines. */
const STACK_REACH = 120;

/** Frames of the code that reads a model's files. */
const LOADING =
  /\b(?:load_weights|weight_loader|weight_utils|load_state_dict|safetensors|configuration_auto|tokenization_\w+|AutoConfig|AutoTokenizer|get_config|from_pretrained|hf_transformers_utils|gguf_reader|convert_and_load)\b/;

/** So far above an exception its own frames stand, lines. */
const FRAMES_REACH = 16;

/** An exception that nothing caught. */
export interface Exception {
  /** Where it stands. */
  readonly at: number;
  /** Whether it came while a model's files were read. */
  readonly isOfLoading: boolean;
}

/** Finds the exceptions that ended something, Python's and Java's. */
export function findExceptions(lines: readonly LogLine[]): Exception[] {
  const found: Exception[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.isMild && !/text_generation_launcher/.test(line.raw)) continue;
    if (
      !EXCEPTION.test(line.text) || EMPTY_EXCEPTIONS.test(line.text) || WRAPPERS.test(line.text) ||
      OF_ANOTHER.test(line.text)
    ) continue;
    if (isOfRequest(lines, at) || says(ASIDE, lines, at)) continue;
    const frames = lines.slice(Math.max(0, at - FRAMES_REACH), at);
    found.push({
      at,
      isOfLoading: frames.some(({ text }) => LOADING.test(text)),
    });
  }
  return found;
}

/**
 * Whether a line belongs to a request that failed, not to the engine: it says so, or what stands above its
 * stack does.
 */
export function isOfRequest(lines: readonly LogLine[], at: number): boolean {
  return says(OF_A_REQUEST, lines, at);
}

function says(pattern: RegExp, lines: readonly LogLine[], at: number): boolean {
  if (pattern.test(lines[at]?.raw ?? "")) return true;
  for (let above = at - 1; above >= Math.max(0, at - STACK_REACH); above--) {
    const line = lines[above];
    if (line === undefined || !/Traceback \(most recent call last\)/.test(line.text)) continue;
    const heading = lines.slice(Math.max(0, above - 3), above).findLast(({ text }) => text !== "");
    // One exception was raised while another was handled: its stack stands further up.
    if (/^(?:During handling of the above|The above exception was)/.test(heading?.text ?? "")) {
      continue;
    }
    return pattern.test(line.raw) || pattern.test(heading?.raw ?? "");
  }
  return false;
}
