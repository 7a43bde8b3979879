/**
 * Text of others on a terminal: what a terminal would obey is shown, not sent.
 *
 * @module
 */

/**
 * What a terminal obeys: C0 and C1 controls but for the tab, and what turns the direction of writing.
 *
 * @see https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
 */
// deno-lint-ignore no-control-regex -- control characters are what it is about
const OBEYED = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Takes away what a terminal would obey, so that a log's line cannot move the cursor or forge another line.
 */
export function showText(text: string): string {
  return text.replace(OBEYED, "\ufffd");
}

/** Escapes in JSON what a terminal would obey and JSON itself lets through. */
export function escapeJson(json: string): string {
  return json.replace(
    OBEYED,
    (char) => char === "\n" ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
