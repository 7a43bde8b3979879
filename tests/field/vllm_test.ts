import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { expectEnd } from "../support/ends.ts";
import { MOUNT_NAMESPACE_PROBLEM, withSharedMemoryIn } from "../support/isolation.ts";
import { findFreePort, readTree, type TreeProcess, waitUntil } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { openStream, type StreamEnd, waitForStream } from "../support/streams.ts";
import { readSupervisords } from "../support/supervisords.ts";

// A real vLLM on the CPU, with a model of two layers:
//
//     eval "$(../shared/tools/vllm-cpu)"; export VLLM MODEL
//     deno test -A tests/field/
//
// It takes some minutes: a boot alone is 25 s on an idle machine, and every kill costs one.

const [supervisord] = readSupervisords();

const VLLM = Deno.env.get("VLLM") ?? "";
const MODEL = Deno.env.get("MODEL") ?? "";

/** Why it cannot run here. */
const problem = VLLM === "" || MODEL === ""
  ? "needs VLLM and MODEL: its command and its model's directory"
  : MOUNT_NAMESPACE_PROBLEM;

/** Until it serves, ms; 90 s were seen on two busy cores. */
const BOOT_MS = 300_000;

/** `--shutdown-timeout`, and the grace that must be longer (docs). */
const DRAIN_SECS = 60;
const GRACE_SECS = DRAIN_SECS + 15;

/** Sockets and caches that vLLM leaves in `TMPDIR`, after an orderly end too. */
const VLLM_FILES = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^vllm_dist_|^torchinductor_/;

/** What is left has gone by then, ms. */
const SETTLE_MS = 10_000;

/** One served vLLM. */
interface Vllm {
  readonly run: Run;
  readonly port: number;
}

function startVllm(port: number): Run {
  return new Run({
    supervisord,
    args: [
      ...[VLLM, "serve", MODEL, "--port", String(port), "--host", "127.0.0.1"],
      ...["--dtype", "float32", "--max-model-len", "2048", "--enforce-eager"],
      ...["--shutdown-timeout", String(DRAIN_SECS)],
    ],
    env: {
      VLLM_CPU_OMP_THREADS_BIND: "nobind",
      VLLM_CPU_KVCACHE_SPACE: "1",
      HF_HUB_OFFLINE: "1",
      SUPERVISOR_PROGRAM_STOPWAITSECS: String(GRACE_SECS),
      PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
    },
    wrapper: (directory) => withSharedMemoryIn(`${directory}/shm`),
  });
}

function ask(port: number, tokens: number) {
  const body = { model: MODEL, prompt: "a small model", ignore_eos: true };
  return openStream({ port, tokens, body });
}

/** Waits until a whole answer comes. */
async function waitForService({ run, port }: Vllm): Promise<void> {
  const serves = async () => run.end !== undefined || (await ask(port, 4).ended).isWhole;
  await waitUntil(run, serves, "service", BOOT_MS);
  assertEquals(run.end, undefined, run.describe("it serves"));
  const isTold = () => {
    const said = run.read("stderr");
    return said.lastIndexOf(" started after ") > said.lastIndexOf(": recovery ");
  };
  await run.waitFor(isTold, "the start to be seen", SETTLE_MS);
}

/** The guard, and the shell that holds the pipes of its output. */
const OURS = ["guard", "output-holder"];

/** Everything of vLLM: what supervisord started, and orphans that have become the program's children. */
function readFamily(run: Run): TreeProcess[] {
  const supervisord = run.findSupervisord();
  return readTree(run.pid).filter(({ pid, isZombie, command }) =>
    pid !== supervisord && !isZombie && !OURS.some((words) => command.includes(words))
  );
}

const TRACKER = "resource tracker";
const LEADER = "API server";

/** What a process of vLLM is, by its command. */
function nameRole({ command }: TreeProcess): string {
  if (command.includes("resource_tracker")) return TRACKER;
  return /VLLM::\w+/.exec(command)?.[0] ?? (command.includes(" serve ") ? LEADER : command);
}

/** The sizes of what lies in `/dev/shm`; names differ from start to start. */
function readSegmentSizes(run: Run): number[] {
  const directory = run.path("shm");
  return [...Deno.readDirSync(directory)]
    .map(({ name }) => Deno.statSync(`${directory}/${name}`).size).sort((a, b) => a - b);
}

/** Waits for the end after SIGTERM; nothing may be left, in `/dev/shm` neither. */
async function expectStop(run: Run, family: readonly TreeProcess[]): Promise<void> {
  const pids = () => family.map(({ pid }) => pid);
  const deadlineMs = (GRACE_SECS + 30) * 1_000;
  await expectEnd(run, 0, { pids, engineFiles: VLLM_FILES, deadlineMs });
  assertEquals(readSegmentSizes(run), [], run.describe("segments in /dev/shm at the end"));
}

/** Runs vLLM until it serves, and ends what a failed test leaves of it. */
async function withVllm(use: (vllm: Vllm) => Promise<void>): Promise<void> {
  const port = findFreePort();
  await using run = startVllm(port);
  let family: TreeProcess[] = [];
  try {
    await waitForService({ run, port });
    await use({ run, port });
  } finally {
    // Its workers overwrite their environment, and with it the mark by which a run's end finds them.
    if (run.end === undefined) family = readFamily(run);
    for (const { pid } of family) signalProcess(pid, "SIGKILL");
  }
}

/** What a served vLLM consists of. */
interface Seen {
  readonly roles: string[];
  readonly segments: number[];
}

function look(run: Run): Seen {
  return { roles: readFamily(run).map(nameRole).sort(), segments: readSegmentSizes(run) };
}

/** Kills one process of vLLM, and waits until it serves and only what belongs to it is there. */
async function killOne(vllm: Vllm, role: string, before: Seen): Promise<void> {
  const { run } = vllm;
  const family = readFamily(run);
  const [victim] = family.filter((process) => nameRole(process) === role);
  if (victim === undefined) throw new Error(run.describe(`No ${role} in ${family.map(nameRole)}`));
  signalProcess(victim.pid, "SIGKILL");
  if (role === TRACKER) {
    await waitForService(vllm); // It goes on without.
    return;
  }
  const [leader] = family.filter((process) => nameRole(process) === LEADER);
  await run.waitFor(() => !isAlive(leader!.pid), `vLLM's end after the kill of ${role}`, BOOT_MS);
  const living = () => family.filter(({ pid }) => isAlive(pid));
  await waitUntil(run, () => living().length === 0, `the end of all beside ${role}`, SETTLE_MS);
  await waitForService(vllm);
  const isAsBefore = () => JSON.stringify(look(run)) === JSON.stringify(before);
  await waitUntil(run, isAsBefore, `what was there before the kill of ${role}`, SETTLE_MS)
    .catch((error) => assertEquals(look(run), before, String(error)));
}

const onVllm = itUnless(problem);

describe("a real vLLM", () => {
  // One test, since every boot takes minutes where the cores are slow.
  onVllm(
    "serves again after the kill of each of its processes, and completes a stream at SIGTERM",
    () =>
      withVllm(async (vllm) => {
        const { run, port } = vllm;
        const before = look(run);
        assert(before.segments.length > 0, "it keeps shared memory");
        const others = new Set(before.roles.filter((role) => role !== TRACKER));
        // The tracker last: where it is dead, nobody removes what it knew of after a crash.
        for (const role of [...others, TRACKER]) await killOne(vllm, role, before);
        const family = readFamily(run);
        const stream = ask(port, 600);
        await stream.begun;
        run.signal("SIGTERM");
        const end: StreamEnd = await waitForStream(run, stream, GRACE_SECS * 1_000);
        const said = run.describe(`${end.tokens} tokens, …${end.text.slice(-300)}`);
        assert(end.isWhole, said);
        await expectStop(run, family);
      }),
  );
});
