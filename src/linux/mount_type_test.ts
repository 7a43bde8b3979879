import { assertEquals } from "@std/assert";
import { findMount } from "./mount_type.ts";

const MOUNTS = `21 1 0:19 / / rw,relatime - overlay overlay rw,lowerdir=/a
22 21 0:20 / /dev rw - tmpfs tmpfs rw
23 22 0:21 / /dev/shm rw - tmpfs shm rw,size=65536k
24 21 0:22 /x /with\\040blank rw shared:1 - ext4 /dev/sda1 rw
25 23 0:23 / /dev/shm rw - ext4 /dev/sdb rw
`;

Deno.test("findMount() takes the nearest mount, the last of several at one place", () => {
  const cases = [
    ["/tmp", "overlay"],
    ["/dev/shm", "ext4"],
    ["/dev/shmem", "tmpfs"],
    ["/with blank/x", "ext4"],
  ] as const;
  for (const [path, type] of cases) assertEquals(findMount(path, MOUNTS)?.type, type, path);
  assertEquals(findMount("/with blank/x", MOUNTS)?.point, "/with blank");
  assertEquals(findMount("/tmp", ""), undefined);
});
