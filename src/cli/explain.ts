/**
 * `--explain`: why an engine died, told from its log.
 *
 * Permissions: `--allow-read` of the file; none for standard input.
 *
 * @module
 */
import { CAUSES } from "../engines/cause.ts";
import { type DeathExplanation, explainDeath } from "../diagnosis/explain_death.ts";
import { showText } from "../formats/terminal_text.ts";
import { errorText } from "../log/error_text.ts";
import type { ExplainMisuse, ExplainRequest } from "./explain_command_line.ts";

/**
 * So much of a log's end is read, bytes. An engine with many ranks says its cause once a rank, with a
 * stack each, long before its last line.
 */
const TAIL_BYTES = 512 * 1024;

const CHUNK_BYTES = 64 * 1024;

/** Keeps the end of a stream that cannot be sought in. */
async function readStreamTail(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    held += chunk.length;
    while (held - (chunks[0]?.length ?? 0) >= TAIL_BYTES) {
      held -= chunks[0]?.length ?? 0;
      chunks = chunks.slice(1);
    }
  }
  const bytes = new Uint8Array(held);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.slice(-TAIL_BYTES);
}

async function readTail(path: string): Promise<Uint8Array> {
  const file = await Deno.open(path);
  const { isFile, isDirectory, size } = await file.stat();
  if (isDirectory) throw new Error("it is a directory");
  // A pipe has no size, and neither have files of /proc.
  if (!isFile || size === 0) return await readStreamTail(file.readable);
  await file.seek(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
  const bytes = new Uint8Array(Math.min(size, TAIL_BYTES) + CHUNK_BYTES);
  let held = 0;
  // It may grow or shrink meanwhile.
  while (held < bytes.length) {
    const count = await file.read(bytes.subarray(held));
    if (count === null) break;
    held += count;
  }
  file.close();
  return bytes.subarray(0, held);
}

/** Splits a log into lines; a carriage return, as progress bars write it, ends one too. */
function splitLines(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
}

/** Renders an explanation for people. */
export function renderExplanation({ cause, evidence, advice }: DeathExplanation): string {
  const lines = evidence.map((line, at) =>
    `${at === 0 ? "told by: " : "         "}${showText(line)}`
  );
  return [`cause:   ${cause} (${CAUSES[cause].meaning})`, ...lines, `advice:  ${advice}`, ""]
    .join("\n");
}

/** Explains a death. */
export async function explain(
  { file, exit, isJson }: ExplainRequest,
): Promise<string | ExplainMisuse> {
  let bytes: Uint8Array;
  try {
    bytes = file === undefined ? await readStreamTail(Deno.stdin.readable) : await readTail(file);
  } catch (error) {
    const text = `Cannot read ${JSON.stringify(file ?? "standard input")}: ${errorText(error)}`;
    return { kind: "misuse", text, code: 2 };
  }
  const explanation = explainDeath({ lines: splitLines(bytes), exit });
  if (!isJson) return renderExplanation(explanation);
  const { cause, evidence, advice } = explanation;
  return `${JSON.stringify({ cause, meaning: CAUSES[cause].meaning, evidence, advice })}\n`;
}
