import { deadline } from "@std/async/deadline";

/** Waits for work, at most for some time. Rejects if the work does, but not when the time is over. */
export async function withDeadline(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  try {
    await deadline(work, deadlineMs);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
  }
}
