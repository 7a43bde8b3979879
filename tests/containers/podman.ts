/**
 * podman, as `PODMAN` says it is called: `podman` unless the variable has options too, such as
 * `podman --runtime runc`.
 */

/** How it is called. */
export const PODMAN: string = Deno.env.get("PODMAN") ?? "podman";

const [program = "podman", ...options] = PODMAN.split(" ");

/** How a call ended. */
export interface PodmanEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Calls podman and waits for its end.
 *
 * @param args Its arguments.
 * @param timeoutMs When to kill the call, ms; its exit code is 137 then.
 * @param input What it reads from stdin; nothing by default.
 * @returns Its exit code and what it wrote.
 */
export async function podman(
  args: readonly string[],
  timeoutMs = 60_000,
  input?: string,
): Promise<PodmanEnd> {
  const child = new Deno.Command(program, {
    args: [...options, ...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Calls podman for something that must go well.
 *
 * @returns What it wrote to stdout, without white space at its end.
 * @throws {Error} With what it wrote to stderr, where it fails.
 */
export async function mustPodman(args: readonly string[], timeoutMs?: number): Promise<string> {
  const { code, stdout, stderr } = await podman(args, timeoutMs);
  if (code !== 0) throw new Error(`podman ${args.join(" ")}: exit code ${code}\n${stderr}`);
  return stdout.trimEnd();
}

/** @returns Its version, `4.3.1`, or `undefined` where there is none. */
export async function readPodmanVersion(): Promise<string | undefined> {
  try {
    return (await podman(["version", "--format", "{{.Client.Version}}"])).stdout.trim();
  } catch {
    return undefined;
  }
}
