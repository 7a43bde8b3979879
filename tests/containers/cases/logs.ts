/** Where its output goes. */
import { assert, assertEquals } from "@std/assert";
import type { Case } from "../case.ts";
import type { Container } from "../container.ts";
import { killEngine } from "./crashes.ts";

const LINE_BYTES = 100_000;

/** Has the engine write a long line, and finds it whole in the log. */
async function findLine(container: Container): Promise<void> {
  await container.order(`print?bytes=${LINE_BYTES}&stream=stdout`);
  const longest = async () =>
    Math.max(...(await container.readLogs()).split("\n").map((line) => line.length));
  const isThere = async () => await longest() >= LINE_BYTES;
  await container.waitFor(isThere, "the long line in the log");
  assertEquals(await longest(), LINE_BYTES);
}

export const LOGS: readonly Case[] = [
  ...["k8s-file", "journald"].map((driver): Case => ({
    name: `\`--log-driver ${driver}\`, a line of ${LINE_BYTES} bytes; a crash`,
    options: ["--log-driver", driver],
    act: killEngine,
    then: { kind: "recovers" },
    check: findLine,
  })),
  {
    name: "`--log-driver k8s-file` with `--log-opt max-size=10kb`; a crash",
    options: ["--log-driver", "k8s-file", "--log-opt", "max-size=10kb"],
    act: killEngine,
    then: { kind: "recovers" },
    check: (container) => container.order(`print?bytes=${LINE_BYTES}&stream=stdout`),
  },
  {
    name: "`--log-driver none`; a crash",
    options: ["--log-driver", "none"],
    act: killEngine,
    then: { kind: "recovers" },
  },
  {
    name: "`-t`, a terminal; a crash",
    options: ["--tty"],
    act: killEngine,
    then: { kind: "recovers" },
    check: async (container) => {
      const target = await container.exec("readlink /proc/1/fd/1");
      assert(target.startsWith("/dev/pts/"), target);
    },
  },
  {
    name: "`-t`, `podman stop`",
    options: ["--tty"],
    act: (container) => container.stop(),
    then: { kind: "ends", code: 0, engine: "drains" },
  },
  {
    name: "`-i`, a pipe as stdin; a crash",
    options: ["--interactive"],
    act: killEngine,
    then: { kind: "recovers" },
  },
];
