/**
 * Kills what one command left behind that was run to its end, such as an installer.
 *
 * Permissions: those of `sweep.ts`.
 *
 * @module
 */
import { readTable } from "./descent.ts";
import { readVariables } from "./environment_mark.ts";
import type { InstanceMarker } from "./instance_marker.ts";
import type { LimitMarks } from "./tags.ts";
import { isOver } from "../linux/process_table.ts";
import { Slices } from "../linux/yielding.ts";
import { sweep, type SweepResult } from "./sweep.ts";

/** Kills what is left of a command, wherever it moved. */
export async function sweepCommand(
  leader: number,
  marker: InstanceMarker,
  marks: LimitMarks,
): Promise<SweepResult> {
  const find = async () => {
    const table = await readTable(new Slices());
    return table?.filter((process) => {
      if (isOver(process) || process.pid === Deno.pid) return false;
      if (process.sessionId === leader) return true;
      const mark = marks.read(process.pid);
      return mark.kind === "ours" ||
        (mark.kind === "unknown" &&
          readVariables(process.pid, [marker.name])?.get(marker.name) === marker.value);
    });
  };
  return await sweep({ find, groups: new Set([leader]), sessionId: leader });
}
