/**
 * Which kind of file system a directory lies on.
 *
 * @module
 */

/**
 * Finds the type of a directory's file system.
 *
 * @param path The directory, absolute, without links.
 * @param mountinfo The text of `/proc/self/mountinfo`.
 * @returns The type, such as `tmpfs`; `undefined` where no mount holds it.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function findMountType(path: string, mountinfo: string): string | undefined {
  let best: { point: string; type: string } | undefined;
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
  return best?.type;
}
