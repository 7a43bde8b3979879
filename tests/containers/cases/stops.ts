/** Who stops it, and how. */
import type { Case } from "../case.ts";
import type { Container } from "../container.ts";
import { mustPodman } from "../podman.ts";

const stop = (container: Container) => container.stop();
const signal = (name: string) => (container: Container) =>
  mustPodman(["kill", "--signal", name, container.id]);

export const STOPS: readonly Case[] = [
  {
    name: "`podman stop`",
    act: stop,
    then: { kind: "ends", code: 0, engine: "drains" },
  },
  {
    name: "`podman stop`, the engine drains for 3 s",
    engine: ["--workers", "2", "--drain-secs", "3"],
    act: stop,
    then: { kind: "ends", code: 0, engine: "drains", atLeastMs: 3_000 },
  },
  {
    name: "`podman stop`, the engine ignores SIGTERM, `SUPERVISOR_PROGRAM_STOPWAITSECS=2`",
    engine: ["--workers", "2", "--ignore-term"],
    env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "2" },
    act: stop,
    then: { kind: "ends", code: 0, engine: "is killed", atLeastMs: 2_000 },
  },
  {
    name: "`podman stop --time 2`, shorter than the grace, the engine ignores SIGTERM",
    engine: ["--workers", "2", "--ignore-term"],
    act: (container) => mustPodman(["stop", "--time", "2", container.id]),
    then: { kind: "ends", code: 137, engine: "is killed", atLeastMs: 2_000 },
  },
  {
    name: "`podman stop` while the engine loads",
    engine: ["--load-secs", "600"],
    isServed: false,
    act: async (container) => {
      await container.waitFor(() => container.readEvents().length > 0, "the engine's start");
      await stop(container);
    },
    then: { kind: "ends", code: 0, engine: "drains" },
  },
  ...["INT", "QUIT"].map((name): Case => ({
    name: `\`podman kill --signal ${name}\``,
    act: signal(name),
    then: { kind: "ends", code: 0, engine: "drains" },
  })),
  {
    name: "`podman kill --signal TERM` twice, the engine drains for 600 s",
    engine: ["--workers", "2", "--drain-secs", "600"],
    act: async (container) => {
      await signal("TERM")(container);
      const drains = () => container.readEvents().some(({ event }) => event === "term");
      await container.waitFor(drains, "the drain");
      await signal("TERM")(container);
    },
    then: { kind: "ends", code: 0, engine: "is killed" },
  },
  {
    name: "`podman kill` (SIGKILL)",
    act: signal("KILL"),
    then: { kind: "ends", code: 137, engine: "is killed" },
  },
  {
    name: "`podman kill --signal HUP`, which is the engine's",
    act: async (container) => {
      await signal("HUP")(container);
      const heard = () => container.readEvents().some(({ signal }) => signal === "HUP");
      await container.waitFor(heard, "the engine's SIGHUP");
    },
    then: { kind: "serves on" },
  },
  {
    name: "`podman restart`",
    act: (container) => container.restart(),
    then: { kind: "recovers" },
  },
  {
    name: "`podman pause` for 8 s, `podman unpause`",
    env: { PROCESS_HEALTH_PERIOD_SECS: "1", PROCESS_HEALTH_COMMAND: "true" },
    act: async (container) => {
      await mustPodman(["pause", container.id]);
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      await mustPodman(["unpause", container.id]);
    },
    then: { kind: "serves on" },
  },
];
