import type { StatusDocument } from "./status_document.ts";
export const PAGE_POLICY = "default-src 'none'";
export function renderPage(document: StatusDocument, lines?: readonly string[]): string {
  return document.state + lines;
}
