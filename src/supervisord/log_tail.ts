/**
 * Follows supervisord's log: that a line was written is a hint to ask, its text detail for a message.
 *
 * Permissions: `--allow-read` of the log and its directory.
 *
 * @module
 */
import { type LogLine, parseLogLine } from "../formats/supervisord_log.ts";

/** Between two looks at a log whose directory is not watched, ms. */
const POLL_INTERVAL_MS = 100;

/** Follows one log. */
export class LogTail {
  readonly #path: string;
  readonly #onLines: (lines: readonly LogLine[]) => void;
  readonly #isShared: boolean;
  readonly #watcher: Deno.FsWatcher | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;
  #offset = 0;
  #inode: number | null = null;
  #rest = "";

  constructor(path: string, directory: string, onLines: (lines: readonly LogLine[]) => void) {
    this.#path = path;
    this.#onLines = onLines;
    this.#isShared = mayOthersWrite(directory);
    this.#watcher = this.#isShared ? undefined : watch(directory);
    this.#skipPast();
    if (this.#watcher === undefined) this.#poll();
    // A log that can no longer be watched is looked at now and then.
    else this.#follow(this.#watcher).catch(() => this.#poll());
  }

  /** What another run has written is not for this one. */
  #skipPast(): void {
    try {
      const { ino, size } = Deno.statSync(this.#path);
      this.#inode = ino;
      this.#offset = size;
    } catch { /* It is not there yet. */ }
  }

  #poll(): void {
    if (!this.#isClosed) this.#timer = setInterval(() => this.read(), POLL_INTERVAL_MS);
  }

  async #follow(watcher: Deno.FsWatcher): Promise<void> {
    for await (const event of watcher) {
      if (event.kind !== "access" && event.paths.includes(this.#path)) this.read();
    }
  }

  /** Reads what was added since the last time. */
  read(): void {
    const lines: LogLine[] = [];
    try {
      // To open a named pipe would wait for its writer indefinitely.
      if (this.#isShared && !Deno.lstatSync(this.#path).isFile) return;
      using file = Deno.openSync(this.#path);
      const { ino, size } = file.statSync();
      // A rotated log starts again; what was written to the old one in between is lost detail.
      if (ino !== this.#inode || size < this.#offset) {
        this.#inode = ino;
        this.#offset = 0;
        this.#rest = "";
      }
      if (size === this.#offset) return;
      file.seekSync(this.#offset, Deno.SeekMode.Start);
      const bytes = new Uint8Array(size - this.#offset);
      this.#offset += file.readSync(bytes) ?? 0;
      const text = this.#rest + new TextDecoder().decode(bytes);
      const parts = text.split("\n");
      this.#rest = parts.pop() ?? "";
      for (const part of parts) {
        const line = parseLogLine(part);
        if (line !== undefined) lines.push(line);
      }
    } catch {
      return; // Not there yet, or deleted: a log is only a hint.
    }
    if (lines.length > 0) this.#onLines(lines);
  }

  /** Stops following. */
  close(): void {
    this.#isClosed = true;
    this.#watcher?.close();
    clearInterval(this.#timer);
  }
}

/**
 * Whether another user may put anything beside the log. `Deno.watchFs` opens what comes, and so waits
 * indefinitely at a named pipe, the end of this process with it (seen with Deno 2.9.6).
 */
function mayOthersWrite(directory: string): boolean {
  try {
    const { uid, mode } = Deno.statSync(directory);
    return uid !== Deno.uid() || ((mode ?? 0) & 0o022) !== 0;
  } catch {
    return true;
  }
}

/** A machine out of inotify watches still works. */
function watch(directory: string): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(directory, { recursive: false });
  } catch {
    return undefined;
  }
}
