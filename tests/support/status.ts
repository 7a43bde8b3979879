/** What a run says of itself: its status file, and `--status`, `--health` and `--ready` of the program. */
import type { StatusDocument } from "../../src/status/status_document.ts";
import { readOrEmpty } from "./files.ts";
import { makeCommand, makeEnvironment, type Run } from "./run.ts";

/** @returns What the run has written last; `undefined` where there is nothing. */
export function readStatusFile(run: Run): StatusDocument | undefined {
  for (const name of run.readTemporary()) {
    const text = readOrEmpty(`${run.directory}/tmp/${name}/status.json`);
    if (text !== "") return JSON.parse(text);
  }
  return undefined;
}

/** Waits until the run's status is one of a state. */
export function waitForState(run: Run, state: string): Promise<StatusDocument> {
  return run.waitFor(() => {
    const status = readStatusFile(run);
    return status?.state === state ? status : undefined;
  }, `the state ${state}`);
}

/** How a command ended that asked. */
export interface Asked {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to ask. */
export interface AskOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: readonly string[];
  readonly wrapper?: readonly string[];
}

/**
 * Asks the program for the status of a run.
 *
 * @param run The run.
 * @param args `--status` and the like.
 * @param options How.
 */
export async function ask(
  run: Run,
  args: readonly string[],
  { env = {}, permissions, wrapper = [] }: AskOptions = {},
): Promise<Asked> {
  const [program = "", ...rest] = [...wrapper, ...makeCommand(args, permissions)];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: { ...makeEnvironment({ args: [] }), TMPDIR: run.path("tmp"), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
