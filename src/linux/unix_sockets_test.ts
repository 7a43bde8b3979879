import { assertEquals } from "@std/assert";
import { parseBoundPaths } from "./unix_sockets.ts";

Deno.test("parseBoundPaths() reads paths, blanks in them too, and no abstract names", () => {
  const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 12345 /tmp/a socket
0000000000000000: 00000003 00000000 00000000 0001 03 12346
0000000000000000: 00000002 00000000 00010000 0001 01   999 @/abstract
0000000000000000: 00000002 00000000 00000000 0002 01 12347 /run/b
`;
  assertEquals([...parseBoundPaths(text)], ["/tmp/a socket", "/run/b"]);
});
