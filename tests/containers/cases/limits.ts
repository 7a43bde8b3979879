/** What the container may use. */
import { assert, assertEquals } from "@std/assert";
import type { Case } from "../case.ts";
import { engineCommand } from "../case.ts";
import type { Container } from "../container.ts";
import { killEngine } from "./crashes.ts";

/** The number of shared memory segments of Python's. */
async function countSegments(container: Container): Promise<number> {
  return Number(await container.exec("ls /dev/shm | grep -c psm_ || true"));
}

export const LIMITS: readonly Case[] = [
  {
    name: "`--memory 256m`, the engine grows by 400 MB: the kernel kills it",
    options: ["--memory", "256m", "--memory-swap", "256m"],
    act: (container) => {
      void container.order("grow?mb=400"); // Its answer never comes.
      return Promise.resolve();
    },
    then: { kind: "recovers" },
  },
  {
    name: "`--memory 96m`; a crash",
    options: ["--memory", "96m", "--memory-swap", "96m"],
    act: killEngine,
    then: { kind: "recovers" },
  },
  {
    name: "`--memory 32m`, too little to start anything",
    options: ["--memory", "32m", "--memory-swap", "32m"],
    isServed: false,
    then: { kind: "ends", code: 137 },
  },
  {
    name: "`--pids-limit 16`, a crash",
    options: ["--pids-limit", "16"],
    act: killEngine,
    then: { kind: "recovers" },
  },
  {
    name: "`--pids-limit 40`, the engine forks 200 children and dies when that fails",
    options: ["--pids-limit", "40"],
    act: (container) => container.order("fork?count=200"),
    then: { kind: "recovers" },
  },
  {
    name: "`--shm-size 1m`, a crash of an engine that has 600 KiB of it",
    options: ["--shm-size", "1m"],
    command: (port) => engineCommand(port, ["--kib", "600"], "shm_engine.py"),
    act: killEngine,
    then: { kind: "recovers" },
    check: async (container) => assertEquals(await countSegments(container), 1, "segments"),
  },
  {
    name: "`--ulimit nofile=256:256`, below supervisord's minimum; a crash",
    // The other limit is podman's default, which not every machine may set.
    options: ["--ulimit", "nofile=256:256", "--ulimit", "nproc=1000:1000"],
    act: killEngine,
    then: { kind: "recovers" },
    check: async (container) => {
      const limits = await container.exec("cat /proc/1/limits");
      assert(/open files +256 +256/.test(limits), limits);
    },
  },
];
