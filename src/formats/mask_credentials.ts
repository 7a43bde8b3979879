/**
 * Hides credentials in URLs, `://user:password@`, also in text that arrives in pieces.
 *
 * @module
 */

/** What stands in a message where a secret value was. */
export const MASK = "***";

/**
 * From `://` to the last `@` before the host ends, as pip cuts it: a password may hold a bare `@`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
 */
// deno-lint-ignore no-control-regex -- a terminal's escape ends a URL
const CREDENTIALS = /:\/\/[^\s\/?#"<>\x1b]*@/g;

/** What may become the start of one when more text comes. */
// deno-lint-ignore no-control-regex -- as above
const UNFINISHED = /:(?:\/(?:\/[^\s\/?#"<>\x1b]*)?)?$/;

/** Longer than any credentials: text that goes on so long is let through. */
const MAX_HELD = 8_192;

/**
 * Masks credentials in URLs.
 *
 * @example
 * ```ts
 * maskCredentials("--index-url https://me:secret@index.example/simple");
 * // --index-url https://***@index.example/simple
 * ```
 */
export function maskCredentials(text: string): string {
  return text.replaceAll(CREDENTIALS, `://${MASK}@`);
}

/**
 * Masks credentials in text that arrives in pieces, cut anywhere. Only what may be the start of
 * credentials is held back, so that progress shows as it comes.
 */
export class CredentialMask {
  #held = "";

  /** Takes a piece. */
  push(piece: string): string {
    const text = maskCredentials(this.#held + piece);
    const tail = text.slice(-MAX_HELD);
    const at = text.length - tail.length + (UNFINISHED.exec(tail)?.index ?? tail.length);
    this.#held = text.slice(at);
    return text.slice(0, text.length - this.#held.length);
  }

  end(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }
}
