/** A small `/dev/shm` that runs and strangers share, and that can be looked into when they have ended. */
import { isAlive, pause, signalProcess } from "./processes.ts";
import { MOUNT_NAMESPACE_PROBLEM } from "./isolation.ts";

/** Says where it is, and stays until its stdin ends. */
const HOLD = "mount -t tmpfs -o size=$0k,mode=1777 shm /dev/shm && echo $$ && read -r _";

/** Maps a file of its own as a living user of it does, and says so. */
const USE = `
import mmap, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
os.ftruncate(file, 4096)
memory = mmap.mmap(file, 4096)
memory[0] = 1
os.close(file)
print("mapped", flush=True)
sys.stdin.read()`;

/** Where it cannot be had. */
export const SHARED_MEMORY_PROBLEM: string | undefined = MOUNT_NAMESPACE_PROBLEM;

async function waitForLine(child: Deno.ChildProcess): Promise<string> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value).trim();
}

/** One `/dev/shm` in a mount namespace of its own. Dispose of it: that ends who holds it. */
export class SharedMemory implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #pid: number;

  private constructor(child: Deno.ChildProcess, pid: number) {
    this.#children.push(child);
    this.#pid = pid;
  }

  /** @param kib How large it is, KiB. @returns It. */
  static async mount(kib: number): Promise<SharedMemory> {
    const child = new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", HOLD, String(kib)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new SharedMemory(child, Number(await waitForLine(child)));
  }

  /** Runs a command where this is `/dev/shm`. */
  get wrapper(): string[] {
    return ["nsenter", `--mount=/proc/${this.#pid}/ns/mnt`, "--"];
  }

  /** @returns A file's path, from outside. */
  path(name: string): string {
    return `/proc/${this.#pid}/root/dev/shm/${name}`;
  }

  /** Its files, sorted. */
  get names(): string[] {
    return [...Deno.readDirSync(this.path(""))].map(({ name }) => name).sort();
  }

  /** What its files take, KiB. */
  get usedKib(): number {
    return this.names.reduce(
      (sum, name) => sum + (Deno.lstatSync(this.path(name)).blocks ?? 0),
      0,
    ) / 2;
  }

  /** Has a process of another process namespace make a file, and map it until the end. */
  async use(name: string): Promise<void> {
    const [command = "", ...args] = this.wrapper;
    const child = new Deno.Command(command, {
      args: [
        ...[...args, "unshare", "-pf", "--mount-proc", "--kill-child"],
        ...["python3", "-S", "-I", "-c", USE, `/dev/shm/${name}`],
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#children.push(child);
    await waitForLine(child);
  }

  /** Ends everybody who was started here. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.reverse()) {
      await child.stdin.close();
      for (let tries = 0; tries < 100 && isAlive(child.pid); tries++) await pause(10);
      signalProcess(child.pid, "SIGKILL");
      await child.status;
      await child.stdout.cancel();
    }
  }
}
