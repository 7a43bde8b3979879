/**
 * Which file system a directory lies on.
 *
 * @module
 */

/** What is mounted where. */
export interface Mount {
  /** The directory. */
  readonly point: string;
  /** The file system's type, such as `tmpfs`. */
  readonly type: string;
}

/**
 * Finds the mount that holds a directory.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function findMount(path: string, mountinfo: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mountinfo.split("\n")) {
    // 35 31 0:32 /root /mount/point rw,relatime - tmpfs tmpfs rw
    const [before = "", after = ""] = line.split(" - ");
    const point = (before.split(" ")[4] ?? "").replaceAll(
      /\\(\d{3})/g,
      (_, octal: string) => String.fromCharCode(parseInt(octal, 8)),
    );
    const [type = ""] = after.split(" ");
    const holds = point === "/" || path === point || path.startsWith(`${point}/`);
    // Of two at one place the later one lies on top.
    if (point !== "" && holds && point.length >= (best?.point.length ?? 0)) best = { point, type };
  }
  return best;
}
