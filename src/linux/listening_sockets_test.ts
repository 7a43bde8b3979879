import { assertEquals } from "@std/assert";
import { parseListening } from "./listening_sockets.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

function row(number: number, local: string, state: string, inode: number): string {
  return `   ${number}: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0` +
    `        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
}

Deno.test("parseListening() finds who listens on what, and stops at connections", () => {
  const tell = (lines: string[]) => {
    const { ports, isOver } = parseListening(lines);
    return [[...ports], isOver];
  };
  const listening = [row(0, "0100007F:1F40", "0A", 11), row(1, "00000000:0050", "0A", 12)];
  const v6 = row(2, `${"0".repeat(32)}:1F40`, "0A", 13);
  assertEquals(tell([HEAD, ...listening, v6]), [[["11", 8000], ["12", 80], ["13", 8000]], false]);
  const connection = row(3, "0100007F:1F40", "01", 14);
  assertEquals(tell([...listening, connection, v6]), [[["11", 8000], ["12", 80]], true]);
  assertEquals(tell([HEAD, " 0: garbage"]), [[], true]);
  assertEquals(tell([HEAD]), [[], false]);
});
