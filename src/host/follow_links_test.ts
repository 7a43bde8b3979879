import { assertEquals } from "@std/assert";
import { mayFollow } from "./follow_links.ts";

Deno.test("mayFollow() decides as the kernel's protected_symlinks does", () => {
  const cases: [link: number, directory: number, mode: number, uid: number, may: boolean][] = [
    [1000, 0, 0o41777, 0, false],
    [1000, 0, 0o41777, 1000, true],
    [0, 0, 0o41777, 1000, true],
    [1000, 1000, 0o41777, 0, true],
    [1000, 0, 0o40777, 0, true],
    [1000, 0, 0o41775, 0, true],
    [1000, 0, 0o40700, 0, true],
  ];
  for (const [link, directory, mode, uid, may] of cases) {
    const actual = mayFollow({ uid: link }, { uid: directory, mode }, uid);
    assertEquals([link, directory, mode, uid, actual], [link, directory, mode, uid, may]);
  }
});
