/**
 * Which port an engine says that it serves on, in its own words.
 *
 * @module
 */

/** uvicorn, llama.cpp and gunicorn; Triton; node and others. */
const SAID: readonly RegExp[] = [
  /\bhttps?:\/\/[^\s/"'<>]*?:(\d{1,5})\b/g,
  /\bHTTPService at \S*?:(\d{1,5})\b/g,
  /\blistening (?:on|at) (?:port )?(?:\S*:)?(\d{1,5})\b/gi,
];

/** Finds a port that an engine says it serves on. */
export function findSaidPort(
  lines: readonly string[],
  ports: readonly number[],
): number | undefined {
  for (const line of lines.toReversed()) {
    for (const words of SAID) {
      for (const [, said] of line.matchAll(words)) {
        const port = ports.find((one) => String(one) === said);
        if (port !== undefined) return port;
      }
    }
  }
  return undefined;
}
