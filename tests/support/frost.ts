/**
 * Processes that cannot be killed, as those that sleep in a GPU's driver: they write to a file whose file system is
 * frozen, and hear no signal until it is thawed. (A frozen control group does not do: version 2 lets SIGKILL through.)
 */
import { MOUNT_NAMESPACE_PROBLEM } from "./isolation.ts";
import { isAlive } from "./processes.ts";

const PROBED_DEVICE = "/dev/frost-probe";

/** A file system in a file, mounted at $1, and a copy of /dev that has a file of it more: $0. */
const OWN_DEVICES = `
held=$1 && shift
mkdir "$held" && truncate -s 2M "$held.image" && mkfs.ext4 -q "$held.image" &&
  mount -o loop "$held.image" "$held" && touch "$held/device" || exit 99
copy=$(mktemp -d) && mount -t tmpfs tmpfs "$copy" && cp -ax /dev/. "$copy/" &&
  touch "$copy/\${0#/dev/}" && mount --bind "$copy" /dev && mount --bind "$held/device" "$0" || exit 99
umount -l "$copy" && rmdir "$copy"
exec "$@"`;

/**
 * Gives the command a file system in a file of its own, and a copy of /dev in which a file of that one stands.
 *
 * @param device The file, below /dev.
 * @param held Where the file system is mounted; `held.image` beside it.
 * @returns The wrapper.
 */
export function onFreezableDevice(device: string, held: string): string[] {
  return ["unshare", "-m", "sh", "-c", OWN_DEVICES, device, held];
}

/** Why a file system cannot be frozen here; `undefined` where it can. */
export function findFrostProblem(): string | undefined {
  if (MOUNT_NAMESPACE_PROBLEM !== undefined) return MOUNT_NAMESPACE_PROBLEM;
  const directory = Deno.makeTempDirSync({ prefix: "gpu-gate-test-" });
  try {
    const script =
      'exec >/dev/null 2>&1; sh -c "$0" "$1" "$2" fsfreeze -f "$2" && fsfreeze -u "$2"';
    const { success } = new Deno.Command("unshare", {
      args: ["-m", "sh", "-c", script, OWN_DEVICES, PROBED_DEVICE, `${directory}/held`],
    }).outputSync();
    return success ? undefined : "needs loop devices, ext4 and fsfreeze";
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Freezes a file system, and with it a process that writes to it, until it is disposed of. */
export class Frost implements AsyncDisposable {
  readonly #pid: number;
  readonly #path: string;
  #isThawed = false;

  /**
   * @param pid A process in the mount namespace.
   * @param path Where the file system is mounted.
   */
  constructor(pid: number, path: string) {
    this.#pid = pid;
    this.#path = path;
    this.#run("-f");
  }

  #run(option: "-f" | "-u"): void {
    const { success } = new Deno.Command("nsenter", {
      args: ["-t", String(this.#pid), "-m", "fsfreeze", option, this.#path],
    }).outputSync();
    if (!success) throw new Error(`fsfreeze ${option} ${this.#path} failed`);
  }

  /** Whether the process is in a sleep that no signal ends. */
  get isFrozen(): boolean {
    const stat = Deno.readTextFileSync(`/proc/${this.#pid}/stat`);
    return stat.charAt(stat.lastIndexOf(")") + 2) === "D";
  }

  /** Lets everybody go on. */
  thaw(): void {
    if (!this.#isThawed) this.#run("-u");
    this.#isThawed = true;
  }

  /** Thaws, and waits for what was killed meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    for (let round = 0; round < 200 && isAlive(this.#pid); round++) {
      await new Promise((resolve) => setTimeout(resolve, 10)); // Its process has still to die.
    }
  }
}
