/**
 * Whether an engine is one of several that make one server together, each in a container of its own: a
 * restart inside one of them is invisible to the others, which wait for it until they time out.
 *
 * Only what proves it counts, since one that serves alone would lose its recovery: `--nnodes 1` is alone,
 * and so are, without a number of nodes, `--dist-init-addr` (SGLang's default is one node), `RAY_ADDRESS`
 * (a driver may start again, Ray ends what the last one left) and `ray start --head`.
 *
 * @see https://lws.sigs.k8s.io/docs/reference/labels-annotations-and-environment-variables/
 * @see https://docs.ray.io/en/latest/cluster/cli.html
 * @module
 */
import { expandVariables, readOption } from "./address.ts";
import type { Engine } from "./recognize.ts";
import type { Settings } from "../configuration/settings.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Variables that give the number of members. */
const SIZES = [
  // LeaderWorkerSet; Open MPI's mpirun, which starts each rank.
  "LWS_GROUP_SIZE",
  "OMPI_COMM_WORLD_SIZE",
] as const;

/** Addresses of this machine itself, and Ray's words for that. */
const OWN_ADDRESS = /^(?:$|auto$|local$|localhost\b|127\.|\[?::1\]?(?::\d+)?$)/;

/** Tells whether an engine is one of several. */
export function findGroup(argv: readonly string[], engine: Engine, env: Env): string | undefined {
  const all = { ...env, ...engine.assigned };
  for (const name of SIZES) {
    if (readCount(all[name]) > 1) return `${name} is ${all[name]?.trim()}`;
  }
  // A shell's script is one argument.
  const words = argv.flatMap((word) => word.split(/[\s;&|()]+/)).filter((word) => word !== "");
  const read = (...names: string[]): string | undefined => {
    const given = readOption(words, names).at(-1);
    return given === undefined ? undefined : expandVariables(unquote(given), all);
  };
  return findNodes(read) ?? findVllm(engine, all) ?? findRay(words, all);
}

type Read = (...names: string[]) => string | undefined;

/** vLLM's, SGLang's and torchrun's; of torchrun's `1:4` the least counts, since it may be alone. */
function findNodes(read: Read): string | undefined {
  const nodes = read("--nnodes");
  if (nodes !== undefined) {
    return readCount(nodes.split(":")[0]) > 1 ? `--nnodes is ${nodes}` : undefined;
  }
  const rank = read("--node-rank");
  return readCount(rank) > 0 ? `--node-rank is ${rank}` : undefined;
}

/** Short options, and data parallelism whose ranks are elsewhere too. */
function findVllm({ profile, args }: Engine, env: Env): string | undefined {
  if (profile.name !== "vllm") return undefined;
  const read = (...names: string[]) => {
    const given = readOption(args, names).at(-1);
    return given === undefined ? undefined : expandVariables(given, env);
  };
  if (readCount(read("-n")) > 1) return `--nnodes is ${read("-n")}`;
  if (readCount(read("-r")) > 0) return `--node-rank is ${read("-r")}`;
  if (args.includes("--headless")) return "--headless is given";
  const size = read("--data-parallel-size", "-dp");
  const here = read("--data-parallel-size-local", "-dpl");
  return here !== undefined && readCount(size) > Math.max(1, readCount(here))
    ? `--data-parallel-size is ${size}, of which ${here} are here`
    : undefined;
}

/** A node that joins a cluster; a head where KubeRay has made the cluster, which sets these variables. */
function findRay(words: readonly string[], env: Env): string | undefined {
  const at = words.findIndex((word, index) =>
    /(?:^|\/)ray$/.test(word) && words[index + 1] === "start"
  );
  if (at < 0) return undefined;
  const options = words.slice(at + 2);
  const given = readOption(options, ["--address"]).at(-1);
  const address = given === undefined ? undefined : expandVariables(unquote(given), env);
  if (address !== undefined && !OWN_ADDRESS.test(address)) {
    return "ray start joins the cluster of another node";
  }
  const isHead = options.includes("--head");
  const isCluster = (env.RAY_CLUSTER_NAME ?? "") !== "";
  return isHead && isCluster ? "ray start is the head of KubeRay's cluster" : undefined;
}

function unquote(word: string): string {
  return word.replace(/^["']|["']$/g, "");
}

/** A count; 0 for anything else. */
function readCount(text: string | undefined): number {
  return /^\d{1,6}$/.test(text?.trim() ?? "") ? Number(text) : 0;
}

/** Tells whether a crash ends the container, so that all of the group start again. */
export function decideGroup(
  choice: Settings["groupRestart"],
  sign: string | undefined,
): string | undefined {
  if (choice === "process") return undefined;
  return choice === "container" ? sign ?? "PROCESS_GROUP_RESTART is container" : sign;
}

/** Says what a crash of one of several leads to, for people. */
export function describeGroup(
  choice: Settings["groupRestart"],
  sign: string | undefined,
): string | undefined {
  const reason = decideGroup(choice, sign);
  if (reason !== undefined) {
    return `the engine is one of several (${reason}): its crash ends the container at once, so ` +
      "that the whole group starts again (PROCESS_GROUP_RESTART=process restarts it here)";
  }
  if (sign === undefined) return undefined;
  return `the engine is one of several (${sign}) and is restarted here anyway, which the ` +
    "others do not see (PROCESS_GROUP_RESTART=process)";
}
