/** The run's private files go, or its disk is full, when the engine must be restarted. */
import { kill, RECOVERY, type Scenario } from "./scenario.ts";

/** Gives the run's TMPDIR a file system of 256 KiB. */
const SMALL_DISK = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"';

/** Writes until there is no space left. */
function fillDisk(file: string): void {
  try {
    Deno.writeFileSync(file, new Uint8Array(1 << 20));
  } catch (error) {
    if (/space/i.test(String(error))) return;
    throw error;
  }
  throw new Error(`Cannot fill the disk of ${file}: it took 1 MiB`);
}

/** The scenarios, in the table's order. */
export const FILES_VANISH: readonly Scenario[] = [
  {
    name: "delete socket, SIGKILL engine",
    expects: RECOVERY,
    inflict: ({ findRunDirectory, engine }) => {
      Deno.removeSync(`${findRunDirectory()}/supervisor.sock`);
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "delete run directory, SIGKILL engine",
    expects: RECOVERY,
    inflict: ({ findRunDirectory, engine }) => {
      Deno.removeSync(findRunDirectory(), { recursive: true });
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "fill the run directory's disk, SIGKILL engine",
    expects: RECOVERY,
    wrapper: (directory) => ["unshare", "-m", "sh", "-c", SMALL_DISK, `${directory}/tmp`],
    inflict: ({ run, program, engine }) => {
      fillDisk(`/proc/${program}/root${run.path("tmp")}/fill`);
      kill(engine.pid, "SIGKILL");
    },
  },
];
