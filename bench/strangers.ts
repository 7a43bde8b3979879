/** Processes that are nobody's, which the benches have a run live among. */

/**
 * A Python program: forks as many processes as its argument says, says "ready", and waits for the end of its
 * stdin, with which they end.
 */
export const STRANGERS = `
import os, signal, sys
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
