/**
 * The status of an instance as a file in its run directory, for whoever may enter that:
 * `standard-supervisor --status`, `--health` and `--ready`.
 *
 * Permissions: `--allow-read` and `--allow-write` of the run directory.
 *
 * @module
 */
import type { StatusDocument } from "./status_document.ts";

/** The file's name in the run directory. */
export const STATUS_FILE = "status.json";

/** Changes that come together are written once, ms: a restart is three of them within some milliseconds. */
const GATHER_MS = 5;

/** Keeps the file up to date. It is replaced as a whole, so that nobody reads half of one. */
export class StatusFile {
  readonly #path: string;
  readonly #render: () => StatusDocument;
  readonly #onFailure: (error: unknown) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasFailed = false;
  #isClosed = false;

  constructor(
    directory: string,
    render: () => StatusDocument,
    onFailure: (error: unknown) => void,
  ) {
    this.#path = `${directory}/${STATUS_FILE}`;
    this.#render = render;
    this.#onFailure = onFailure;
  }

  /** Writes soon: never while something else waits to be done. */
  update(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, GATHER_MS);
  }

  #write(): void {
    const fresh = `${this.#path}.new`;
    try {
      writeNew(fresh, JSON.stringify(this.#render()));
      Deno.renameSync(fresh, this.#path);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#onFailure(error);
      this.#hasFailed = true;
    }
  }

  /** Writes no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}

/**
 * Writes a file that was not there, mode 0600. With `user=` the directory is the engine's user's, who may put
 * a link there that leads root to any file, or a named pipe, at which opening would wait indefinitely.
 */
function writeNew(path: string, text: string): void {
  const create = () => Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  let file: Deno.FsFile;
  try {
    file = create();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    Deno.removeSync(path);
    file = create();
  }
  using opened = file;
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += opened.writeSync(bytes.subarray(sent));
}
