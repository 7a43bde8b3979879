/** What the container may do, and who it is. A crash each: nothing may be in the way of a recovery. */
import { assertEquals } from "@std/assert";
import type { Case } from "../case.ts";
import { killEngine } from "./crashes.ts";

const recovers = { act: killEngine, then: { kind: "recovers" } } as const;

/** podman mounts three more where the root is read-only, unless it is told not to. */
const READ_ONLY = ["--read-only", "--read-only-tmpfs=false"];

export const CONFINEMENT: readonly Case[] = [
  {
    name: "`--read-only`, one tmpfs on `/tmp`; a crash",
    options: [...READ_ONLY, "--tmpfs", "/tmp"],
    ...recovers,
  },
  {
    name: "`--read-only` and no tmpfs but `/dev/shm`; a crash",
    options: READ_ONLY,
    ...recovers,
  },
  { name: "`--user nobody`; a crash", options: ["--user", "nobody"], ...recovers },
  {
    name: "`--user 12345`, a uid without a name; a crash",
    options: ["--user", "12345:12345", "--passwd=false"],
    ...recovers,
    check: async (container) => {
      assertEquals(await container.exec("id -un 2>/dev/null || id -u"), "12345\n12345");
    },
  },
  {
    name: "`--cap-drop=ALL`; a crash",
    options: ["--cap-drop", "ALL"],
    ...recovers,
  },
  {
    name:
      "`--cap-drop=ALL`, the engine as `nobody` (`SUPERVISOR_PROGRAM_USER`), which needs CAP_SETUID",
    options: ["--cap-drop", "ALL"],
    env: { SUPERVISOR_PROGRAM_USER: "nobody", PROCESS_MAX_START_RETRIES: "0" },
    isServed: false,
    then: { kind: "ends", code: 1 },
  },
  {
    name:
      "the engine as `nobody` (`SUPERVISOR_PROGRAM_USER`), Docker's default capabilities; a crash",
    env: { SUPERVISOR_PROGRAM_USER: "nobody" },
    options: [
      ...["--cap-drop", "ALL"],
      ...["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID"]
        .concat("SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE")
        .flatMap((capability) => ["--cap-add", capability]),
    ],
    ...recovers,
  },
  {
    name: "all at once: `--read-only`, one tmpfs, `--user 12345`, `--cap-drop=ALL`, " +
      "`--security-opt no-new-privileges`; a crash",
    options: [
      ...READ_ONLY,
      ...["--tmpfs", "/tmp", "--user", "12345:12345", "--passwd=false", "--cap-drop", "ALL"],
      ...["--security-opt", "no-new-privileges"],
    ],
    ...recovers,
  },
];
