/**
 * Which of the instances that were found is meant, and how one says so.
 *
 * @module
 */
import type { FoundInstance, WrittenInstance } from "./find_instances.ts";

/** An instance that lives. */
export type LiveInstance = WrittenInstance & { readonly kind: "running" | "suspended" };

/** What was chosen. */
export type Choice =
  | { readonly kind: "one"; readonly instance: LiveInstance }
  /** None runs; `text` says what is there instead. */
  | { readonly kind: "none"; readonly text: string }
  /** It cannot be told which one is meant, or it may not be read. */
  | { readonly kind: "refused"; readonly text: string };

/** What is said of an instance that lives and cannot do anything. */
export const SUSPENDED =
  "standard-supervisor is suspended (SIGSTOP or a debugger): nothing is recovered until SIGCONT comes";

function isLive(found: FoundInstance): found is LiveInstance {
  return found.kind === "running" || found.kind === "suspended";
}

const CHOOSE = "name one by SUPERVISOR_CONFIG_PATH";

/** Chooses an instance. */
export function chooseInstance(
  found: readonly FoundInstance[],
  configPath: string | undefined,
  renderUser: (uid: number) => string,
): Choice {
  const live = found.filter(isLive);
  const meant = configPath === undefined
    ? live
    : live.filter(({ directory, status }) =>
      status.instance.config_path === configPath || `${directory}/supervisord.conf` === configPath
    );
  const [instance] = meant;
  if (instance !== undefined && meant.length === 1) return { kind: "one", instance };
  if (meant.length > 1) {
    const text = `${meant.length} instances run: ${CHOOSE}: ${listChoices(meant)}`;
    return { kind: "refused", text };
  }
  const refusal = explainRefusal(found, renderUser);
  if (refusal !== undefined) return { kind: "refused", text: refusal };
  if (live.length > 0) {
    const text = `No instance runs with SUPERVISOR_CONFIG_PATH=${configPath}: ${CHOOSE}: ` +
      listChoices(live);
    return { kind: "none", text };
  }
  return { kind: "none", text: explainAbsence(found) };
}

/** Where several have one path, each has a file of its own, too. */
function listChoices(instances: readonly LiveInstance[]): string {
  const paths = instances.map(({ status }) => status.instance.config_path);
  return instances.map(({ directory, status: { instance, state } }) => {
    const isAlone = paths.filter((path) => path === instance.config_path).length === 1;
    const path = isAlone ? instance.config_path : `${directory}/supervisord.conf`;
    return `${path} (pid ${instance.pid}, ${instance.command[0] ?? ""}, ${state})`;
  }).join(", ");
}

function explainRefusal(
  found: readonly FoundInstance[],
  renderUser: (uid: number) => string,
): string | undefined {
  const hidden = found.find(({ kind }) => kind === "hidden");
  if (hidden?.kind === "hidden") {
    const user = hidden.uid === undefined ? "another user" : renderUser(hidden.uid);
    return `Cannot read the status in ${hidden.directory}: it is ${user}'s, and only that user and ` +
      `root may read it; run this as that user (docker exec -u ${hidden.uid ?? "USER"} …)`;
  }
  const foreign = found.find(({ kind }) => kind === "foreign");
  return foreign?.kind !== "foreign"
    ? undefined
    : `Cannot read the status in ${foreign.directory}: its version is ${foreign.version}; run the ` +
      "standard-supervisor that runs the engine";
}

function explainAbsence(found: readonly FoundInstance[]): string {
  const [killed] = found.flatMap((one) => one.kind === "killed" ? [one] : [])
    .sort((a, b) => b.status.at.localeCompare(a.status.at));
  if (killed !== undefined) {
    return `No instance runs: the last one (pid ${killed.status.instance.pid}) was killed, and left ` +
      killed.directory;
  }
  const elsewhere = found.find(({ kind }) => kind === "elsewhere");
  return elsewhere === undefined
    ? "No instance runs here"
    : `No instance runs here: ${elsewhere.directory} is of one in another container`;
}
