/** What works on this machine: each option of podman's is tried before the cases that use it. */
import { podman } from "./podman.ts";

/** Options that not every machine can do, as the cases have them. */
const DOUBTFUL = /^--(?:memory|pids-limit|shm-size|log-driver|ulimit|init|pid|user|cap-drop)$/;

const answers = new Map<string, Promise<string | undefined>>();

async function tryOptions(image: string, options: readonly string[]): Promise<string | undefined> {
  const { code, stderr } = await podman(
    ["run", "--rm", "--network", "host", "--entrypoint", "/bin/true", ...options, image],
  );
  return code === 0 ? undefined : stderr.trim().split("\n").at(-1) ?? `exit code ${code}`;
}

/**
 * Tells why a case cannot run here.
 *
 * @param image An image that has `/bin/true`.
 * @param options The case's options of `podman run`.
 * @returns What podman says where it cannot run `/bin/true` with them; `undefined` where it can.
 */
export function findObstacle(
  image: string,
  options: readonly string[],
): Promise<string | undefined> {
  if (!options.some((option) => DOUBTFUL.test(option))) return Promise.resolve(undefined);
  const key = options.join(" ");
  const answer = answers.get(key) ?? tryOptions(image, options);
  answers.set(key, answer);
  return answer;
}

/** Why pausing cannot be tried here: a container is paused for it. */
export async function findPauseObstacle(image: string): Promise<string | undefined> {
  const { stdout: id } = await podman(
    ["run", "--detach", "--network", "host", "--entrypoint", "/bin/sleep", image, "60"],
  );
  const { code, stderr } = await podman(["pause", id.trim()]);
  await podman(["unpause", id.trim()]);
  await podman(["rm", "--force", "--time", "0", id.trim()]);
  return code === 0 ? undefined : stderr.trim().split("\n").at(-1);
}
