/** Asks a status port: no proxy, nothing kept open, every byte of the answer. */
import { ROOT } from "./run.ts";

/** One answer. */
export interface Answer {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Sends bytes and reads until the other side closes, or for 10 s.
 *
 * @param port The port, on 127.0.0.1.
 * @param request What to send.
 * @returns Everything that came; `""` where nobody answers.
 */
export async function exchange(port: number, request: string): Promise<string> {
  return (await tryExchange(port, request)).text;
}

/** Does so. @returns What came, and what went wrong. */
async function tryExchange(
  port: number,
  request: string,
): Promise<{ readonly text: string; readonly problem?: unknown }> {
  let text = "";
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const timer = setTimeout(() => connection.close(), 10_000);
    try {
      await connection.write(new TextEncoder().encode(request));
      for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) {
        text += chunk;
      }
    } finally {
      clearTimeout(timer);
    }
  } catch (problem) {
    return { text, problem }; // Nobody answers, or no more.
  }
  return { text };
}

/** Parses one answer. */
export function parseAnswer(text: string): Answer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  return {
    status: Number(first.split(" ")[1] ?? 0),
    headers: new Map(lines.map((line) => {
      const [name = "", ...value] = line.split(": ");
      return [name.toLowerCase(), value.join(": ")];
    })),
    body: rest.join("\r\n\r\n"),
  };
}

const renderRequest = (method: string, path: string) =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

/** Asks for a path. @returns The answer; its status is 0 where nobody answers. */
export async function ask(port: number, path: string, method = "GET"): Promise<Answer> {
  return parseAnswer(await exchange(port, renderRequest(method, path)));
}

/** Asks for a path. @returns The answer. @throws {Error} If none comes, or not all of it. */
export async function askOrThrow(port: number, path: string): Promise<Answer> {
  const { text, problem } = await tryExchange(port, renderRequest("GET", path));
  const answer = parseAnswer(text);
  const length = new TextEncoder().encode(answer.body).length;
  if (answer.headers.get("content-length") === String(length)) return answer;
  throw new Error(`${path} was answered with ${JSON.stringify(text.slice(0, 200))}: ${problem}`);
}

/** Ways to be a burden to a status port; see tests/fixtures/status_load.ts. */
export const LOADS = ["requests", "slow", "never_reads", "huge_body", "connections"] as const;

/** A process that burdens a status port in one way until it is disposed of. */
export class StatusLoad implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<string>;

  /** Begins. */
  constructor(kind: typeof LOADS[number], port: number) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "--no-check"],
        ...[`${ROOT}/tests/fixtures/status_load.ts`, kind, String(port)],
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#output = new Response(this.#child.stdout).text();
  }

  /** Ends it. @returns What it did: answers, connections, bytes sent. */
  async end(): Promise<Record<string, number>> {
    await this.#child.stdin.close();
    await this.#child.status;
    return JSON.parse(await this.#output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await this.#child.status;
    await this.#output;
  }
}
