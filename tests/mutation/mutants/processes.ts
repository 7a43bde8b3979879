/** Mistakes in whose a process is, what is killed, and how everything is stopped. */
import { type Mutant, mutate } from "../mutant.ts";

const TREE = { files: ["src/linux/process_table_test.ts"] };
const RUNS = { files: ["src/processes/runs_test.ts"] };
const PLACES = { files: ["src/processes/places_test.ts"] };
const KINSHIP = { files: ["tests/processes/family_test.ts"], filter: "title and environment" };
const WITHOUT_MARKS = { files: ["tests/processes/without_marks_test.ts"] };
const SIDECAR = { files: ["tests/processes/orphans_test.ts"], filter: "sweep() with a sidecar" };
const ORPHANS = { files: ["tests/processes/orphans_test.ts"], filter: "worker in its session" };
const CLEANERS = { files: ["tests/supervise/drains_test.ts"], filter: "leaves /dev/shm flat" };
const TOLD_ONCE = { files: ["tests/supervise/stopping_test.ts"], filter: "tells the engine once" };
const OWN_GRACE = { files: ["tests/supervise/stopping_test.ts"], filter: "turn comes" };
const DAEMONS = { files: ["tests/supervise/deaths_test.ts"], filter: "workers of its own" };

const PURE: readonly Mutant[] = [
  ...mutate("src/processes/descent.ts", TREE, [
    [
      "walks where the table is cheaper",
      "walkCost(extent) < extent.processes * STAT_COST;",
      "walkCost(extent) > extent.processes * STAT_COST;",
    ],
    [
      "finds children only, and no grandchildren",
      "      found.push(child);\n      queue.push(child.pid);",
      "      found.push(child);",
    ],
  ]),
  ...mutate("src/processes/runs.ts", RUNS, [
    [
      "forgets the run that still lasts",
      "if (run.name !== undefined && this.findLast(run.name) === run) continue;",
      'if (run.name === undefined && this.findLast(run.name ?? "") === run) continue;',
    ],
    [
      "remembers every run there ever was",
      "this.#forgetOld();\n    return run;",
      "return run;",
    ],
  ]),
  ...mutate("src/processes/places.ts", PLACES, [
    [
      "goes by a group that two programs share",
      "return names.length === 1 && names[0] !== undefined ? [names[0]] : [];",
      "return names.length >= 1 && names[0] !== undefined ? [names[0]] : [];",
    ],
    [
      "remembers every place there ever was",
      "this.#names.delete(place);",
      "this.#names.has(place);",
    ],
  ]),
];

const KIN: readonly Mutant[] = [
  ...mutate("src/processes/family.ts", KINSHIP, [
    [
      "does not know a worker by its mark",
      `return this.#runs.get(mark.run) ?? "ours";`,
      `return this.#runs.get(mark.run) === undefined ? "ours" : "stranger";`,
    ],
  ]),
  ...mutate("src/processes/tags.ts", KINSHIP, [
    [
      "cannot change a mark of its own",
      "return soft !== plain && (soft < this.#base || soft >= this.#base + RUNS);",
      "return soft !== plain && (soft >= this.#base || soft < this.#base + RUNS);",
    ],
  ]),
  ...mutate("src/processes/tags.ts", WITHOUT_MARKS, [
    [
      "takes everybody for a stranger where marks cannot be set",
      `return { kind: this.#isInUse ? "none" : "unknown" };`,
      `return { kind: "none" };`,
    ],
  ]),
  ...mutate("src/processes/family.ts", WITHOUT_MARKS, [
    [
      "does not read an orphan's environment",
      "if (found?.get(marker.name) !== marker.value) return undefined;",
      "if (found?.get(marker.name) !== marker.name) return undefined;",
    ],
    [
      "does not go by the group and session in which an orphan lies",
      "for (const name of this.#places.list(process)) {",
      "for (const name of this.#places.list(process).slice(2)) {",
    ],
    [
      "asks but once where an orphan lies",
      'this.#options.marks.isInUse ? "stranger" : this.#findPlace(process) ?? "stranger";',
      'this.#options.marks.isInUse ? "stranger" : "stranger";',
    ],
  ]),
  ...mutate("src/processes/process_watch.ts", SIDECAR, [
    [
      "sweeps sidecars with the engine",
      "run?.name === name && !living.has(run) && process.parentPid !== supervisord",
      "!living.has(run) && process.parentPid !== supervisord",
    ],
  ]),
  ...mutate("src/processes/sweep.ts", ORPHANS, [
    [
      "kills process groups only, and no process of another session",
      `if (trySignal(process.pid, "SIGKILL") === "refused") return true;`,
      `if (process.sessionId === target.sessionId) trySignal(process.pid, "SIGKILL");`,
    ],
  ]),
  ...mutate("src/processes/sweep.ts", CLEANERS, [
    [
      "kills the cleaners with the rest",
      "const condemned = found.filter(({ pid }) => cleaners.get(pid) !== true);",
      "const condemned = found.filter(({ pid }) => cleaners.get(pid) !== undefined);",
    ],
    [
      "kills a cleaner with its process group",
      `if (!spared.has(group)) sendSignal(-group, "SIGKILL");`,
      `if (spared !== undefined) sendSignal(-group, "SIGKILL");`,
    ],
  ]),
  ...mutate("src/processes/daemon.ts", DAEMONS, [
    [
      "takes a worker that was left behind for a daemon",
      "(target.isKnown || (sessionId !== target.sessionId && hasLetGo(pid)))",
      "(target.isKnown || (sessionId !== -1 && (hasLetGo(pid) || pid > 0)))",
    ],
  ]),
];

const STOPS: readonly Mutant[] = [
  ...mutate("src/processes/process_watch.ts", ORPHANS, [
    [
      "leaves everything at the end",
      "async () => (await family.findMembers())?.map(({ process }) => process),",
      "async () => (await family.findMembers())?.slice(0, 0).map(({ process }) => process),",
    ],
  ]),
  ...mutate("src/supervise/stopping.ts", TOLD_ONCE, [
    [
      "tells an engine a second time that supervisord has told already",
      "if ((this.#hasBegun || hasTold()) && countGroups(programs) === 1) {",
      "if ((this.#hasBegun || hasTold()) && countGroups(programs) === 0) {",
    ],
    [
      "does not tell an engine that supervisord has not told",
      "if ((this.#hasBegun || hasTold()) && countGroups(programs) === 1) {",
      "if (countGroups(programs) === 1) {",
    ],
  ]),
  ...mutate("src/supervise/stopping.ts", OWN_GRACE, [
    [
      "counts the grace of a program from before it was told",
      "program.sinceMs = nowMs; // Whose turn had not come has its whole grace yet.",
      "program.sinceMs += 0;",
    ],
  ]),
];

const SUPERVISION: readonly Mutant[] = [
  ...mutate("src/supervise/stopping.ts", {
    files: ["tests/supervise/drains_test.ts"],
    filter: "lets it complete",
  }, [
    [
      "tells nobody whom a leader has left behind",
      "for (const process of silent) sendSignal(process.pid, signal);",
      "for (const process of silent.slice(silent.length)) sendSignal(process.pid, signal);",
    ],
  ]),
  ...mutate("src/supervise/supervision.ts", {
    files: ["tests/health/canary_test.ts"],
    filter: "told to stop",
  }, [
    [
      "asks an engine that drains",
      "if (this.#prepared.engineNames.has(action.name)) this.#parts.health.close();",
      "if (this.#prepared.engineNames.size === 0) this.#parts.health.close();",
    ],
  ]),
  ...mutate("src/supervise/supervision.ts", {
    files: ["tests/launch/exit_code_test.ts"],
    filter: "turns out not to be one",
  }, [
    [
      "retries a command that is not there any more",
      "if (failure.isHopeless) this.#parts.observer.noteSpawnError(name, failure.text);",
      "if (failure.isHopeless) this.#parts.observer.noteEvidenced(name);",
    ],
  ]),
  ...mutate("src/supervise/observer.ts", {
    files: ["tests/supervise/deaths_test.ts"],
    filter: "put itself into the background",
  }, [
    [
      "does not see that an engine has daemonized",
      "this.#daemonized.set(name, await waitForDaemons(() => processes.findOrphans(name), target));",
      "this.#daemonized.set(name, []);",
    ],
  ]),
  ...mutate("src/processes/daemon.ts", {
    files: ["tests/supervise/deaths_test.ts"],
    filter: "put itself into the background",
  }, [
    [
      "takes a daemon that has not let go of the output yet for a worker",
      "if (!isYoung || daemons.length > 0 || performance.now() >= untilMs) return daemons;",
      "if (performance.now() > 0) return daemons;",
    ],
  ]),
  ...mutate("src/processes/process_watch.ts", {
    files: ["tests/supervise/operator_test.ts"],
    filter: "nothing kills the new one (worker: none)",
  }, [
    [
      "kills the engine that an operator has just started",
      "run?.name === name && !living.has(run) && process.parentPid !== supervisord",
      "run?.name === name && living !== undefined && supervisord > 0",
    ],
  ]),
  ...mutate("src/supervise/hints.ts", {
    files: ["tests/supervise/sidecars_test.ts"],
    filter: "no faster than supervisord would",
  }, [
    [
      "asks at every hint, so that supervisord restarts a sidecar at once",
      "if (this.#isHinted && this.#tokens >= 1) {",
      "if (this.#isHinted) {",
    ],
  ]),
  ...mutate("src/engines/group_policy.ts", {
    files: ["tests/supervise/group_test.ts"],
    filter: "ends the container at once",
  }, [
    [
      "restarts a member of a group here",
      "if (group === undefined) return policy;",
      "if (group !== null) return policy;",
    ],
  ]),
];

/** Every one. */
export const PROCESS_MUTANTS: readonly Mutant[] = [...PURE, ...KIN, ...STOPS, ...SUPERVISION];
