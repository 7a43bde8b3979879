/**
 * Which of our output streams an engine's output goes to as it is, so that nobody has to copy it.
 *
 * @module
 */
import { isTrue, parseBoolean } from "../formats/boolean.ts";
import { findOwnStream } from "../formats/paths.ts";
import type { ConfigSection } from "../formats/render.ts";

type Stream = "stdout" | "stderr";

/** For each of the engine's streams, which of ours it is; absent where supervisord has a part in it. */
export type OwnStreams = Readonly<Partial<Record<Stream, Stream>>>;

/** supervisord logs all output a second time on these levels. */
const TELLING = /^\s*(debug|trace|blather)\s*$/i;

/** Each asks supervisord for something that it can only do with what it reads. */
const ASKS = ["events_enabled", "syslog", "capture_maxbytes"];

/** Finds them. */
export function findOwnStreams(engine: ConfigSection, supervisord: ConfigSection): OwnStreams {
  const isTold = TELLING.test(supervisord.get("loglevel") ?? "") ||
    isSet(supervisord.get("strip_ansi"));
  if (isTold) return {};
  const find = (stream: Stream): Stream | undefined =>
    ASKS.some((option) => isSet(engine.get(`${stream}_${option}`)))
      ? undefined
      : findOwnStream(engine.get(`${stream}_logfile`) ?? "");
  const redirect = engine.get("redirect_stderr");
  const [stdout, stderr] = [find("stdout"), find(redirectsTo(redirect))];
  return {
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined || isUnclear(redirect) ? {} : { stderr }),
  };
}

function redirectsTo(redirect: string | undefined): Stream {
  return isTrue(redirect ?? "false") ? "stdout" : "stderr";
}

/** What is expanded only by supervisord. */
function isUnclear(value: string | undefined): boolean {
  return value?.includes("%") ?? false;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && parseBoolean(value.trim()) !== false;
}
