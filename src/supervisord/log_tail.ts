/**
 * Follows supervisord's log: that a line was written is a hint to ask, its text detail for a message.
 *
 * Permissions: `--allow-read` of the log and its directory.
 *
 * @module
 */
import { type LogLine, parseLogLine } from "../formats/supervisord_log.ts";

/** Follows one log. */
export class LogTail {
  readonly #path: string;
  readonly #onLines: (lines: readonly LogLine[]) => void;
  readonly #watcher: Deno.FsWatcher | undefined;
  #offset = 0;
  #inode: number | null = null;
  #rest = "";

  /**
   * @param path The log.
   * @param directory Where it lies. Watched rather than the log, which does not exist yet.
   * @param onLines Called with the lines that were added, as soon as they are.
   */
  constructor(path: string, directory: string, onLines: (lines: readonly LogLine[]) => void) {
    this.#path = path;
    this.#onLines = onLines;
    this.#watcher = watch(directory);
    this.#skipPast();
    this.#follow();
  }

  /** What another run has written is not for this one. */
  #skipPast(): void {
    try {
      const { ino, size } = Deno.statSync(this.#path);
      this.#inode = ino;
      this.#offset = size;
    } catch { /* It is not there yet. */ }
  }

  async #follow(): Promise<void> {
    if (this.#watcher === undefined) return;
    for await (const event of this.#watcher) {
      if (event.kind !== "access" && event.paths.includes(this.#path)) this.read();
    }
  }

  /** Reads what was added since the last time. */
  read(): void {
    const lines: LogLine[] = [];
    try {
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
    this.#watcher?.close();
  }
}

/** A machine out of inotify watches still works, a heartbeat later. */
function watch(directory: string): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(directory, { recursive: false });
  } catch {
    return undefined;
  }
}
