/** Processes that are nobody's, which the benches have a run live among. */

/** One process forks so many: its memory is shared by all of them, which makes each fork dearer than the last. */
const MAX_EACH = 2_000;

/**
 * A Python program: leaves its parent, forks as many processes as its argument says, says "ready", and waits for
 * the end of its stdin, with which they end.
 */
const PROGRAM = `
import os, signal, sys
if os.fork(): os._exit(0)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
read, write = os.pipe()
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
print("ready", flush=True)
sys.stdin.read()
os.close(write)
`;

/**
 * Has processes of nobody's, in the bench's own process namespace.
 *
 * @param python Which Python forks them.
 * @param count How many.
 * @returns Ends them, and waits until they have.
 * @throws {Error} If there cannot be so many.
 */
export async function startStrangers(python: string, count: number): Promise<AsyncDisposable> {
  const parents: Parent[] = [];
  const stop = async () => {
    await Promise.all(parents.map(endParent));
  };
  for (let left = count; left > 0; left -= MAX_EACH) {
    const parent = startParent(python, Math.min(left, MAX_EACH));
    parents.push(parent);
    const { done } = await parent.said.read();
    if (!done) continue;
    await stop();
    throw new Error(`Cannot have ${count} processes here`);
  }
  return { [Symbol.asyncDispose]: stop };
}

interface Parent {
  readonly child: Deno.ChildProcess;
  readonly said: ReadableStreamDefaultReader<Uint8Array>;
}

function startParent(python: string, count: number): Parent {
  const child = new Deno.Command(python, {
    args: ["-S", "-I", "-c", PROGRAM, String(count)],
    ...{ stdin: "piped", stdout: "piped", stderr: "null" },
  }).spawn();
  return { child, said: child.stdout.getReader() };
}

async function endParent({ child, said }: Parent): Promise<void> {
  await child.stdin.close();
  while (!(await said.read()).done) { /* Each holds its stdout until it ends. */ }
  await child.status;
}
