/**
 * A response of HTTP/1.1 as bytes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @module
 */

/** What a request is answered with. */
export interface HttpResponse {
  /** One of {@linkcode STATUS_TEXTS}. */
  readonly status: keyof typeof STATUS_TEXTS;
  /** The body's media type. */
  readonly type: string;
  /** The body. */
  readonly body: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The statuses that are used. */
export const STATUS_TEXTS = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
} as const;

/** Renders a response. Nothing may keep it, guess at its type, or show it inside another page. */
export function renderResponse(
  { status, type, body, headers = {} }: HttpResponse,
  how: { readonly keepsAlive: boolean; readonly isHead: boolean },
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const content = encoder.encode(body);
  const head = encoder.encode(
    [
      `HTTP/1.1 ${status} ${STATUS_TEXTS[status]}`,
      `Content-Type: ${type}`,
      `Content-Length: ${content.length}`,
      "Cache-Control: no-store",
      "X-Content-Type-Options: nosniff",
      "Referrer-Policy: no-referrer",
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `Connection: ${how.keepsAlive ? "keep-alive" : "close"}`,
      "\r\n",
    ].join("\r\n"),
  );
  if (how.isHead) return head;
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}
