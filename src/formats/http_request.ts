/**
 * The head of an HTTP/1 request, as a server reads it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @module
 */

/** What a request asks for. */
export interface HttpRequest {
  readonly method: string;
  /** The path, still encoded, without its query. */
  readonly path: string;
  /** Whether the client wants to ask again on the same connection, and nothing stands in the way. */
  readonly keepsAlive: boolean;
  /** Whether a body follows. */
  readonly hasBody: boolean;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Finds where a request's head ends. */
export function findHeadEnd(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    if (bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED) return at + 3;
  }
  return undefined;
}

/** Parses a request's head. */
export function parseRequestHead(head: string): HttpRequest | undefined {
  const [first = "", ...lines] = head.split("\n").map((line) => line.replace(/\r$/, ""));
  const [, method, target, minor] = /^([A-Z]+) (\S+) HTTP\/1\.([01])$/.exec(first) ?? [];
  if (method === undefined || target === undefined) return undefined;
  const path = /^(?:https?:\/\/[^/?#]*)?(\/[^?#]*)/i.exec(target)?.[1] ?? "";
  let hasBody = false;
  let connection = "";
  for (const line of lines) {
    const [, name, value = ""] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) {
      if (line !== "") return undefined;
      continue;
    }
    switch (name.toLowerCase()) {
      case "connection":
        connection += `,${value.toLowerCase()}`;
        break;
      case "content-length":
        hasBody ||= value !== "0";
        break;
      case "transfer-encoding":
        hasBody = true;
        break;
    }
  }
  const options = connection.split(",").map((option) => option.trim());
  return {
    method,
    path,
    keepsAlive: minor === "1" && !hasBody && !options.includes("close"),
    hasBody,
  };
}
