/**
 * Text as HTML.
 *
 * @module
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML that is safe to send: only {@linkcode markup} makes it. */
export class Html {
  /** The markup. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What stands in a template: text is escaped, HTML is not, a list is put together, nothing is nothing. */
export type HtmlPart = string | number | Html | undefined | null | readonly HtmlPart[];

function renderPart(part: HtmlPart): string {
  if (part === undefined || part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(renderPart).join("");
  return String(part).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
    // deno-lint-ignore no-control-regex -- control characters, line feeds and tabs aside, are no text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\ufffd");
}

/**
 * A template literal as HTML, all that stands in it escaped. Attributes must be quoted. It is not called
 * `html`, for then `deno fmt` lays the template out again, and white space counts.
 *
 * @example
 * ```ts
 * markup`<b title="${'"'}">${"<i>"}</b>`.text; // <b title="&quot;">&lt;i&gt;</b>
 * ```
 */
export function markup(template: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(
    template.map((text, index) => index === 0 ? text : renderPart(parts[index - 1]) + text).join(
      "",
    ),
  );
}
