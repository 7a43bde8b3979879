import { assertEquals } from "@std/assert";
import { markup } from "./html.ts";

Deno.test("markup() escapes text, keeps HTML, joins lists", () => {
  const evil = `</pre><script>alert("1' & 2")</script>`;
  const escaped = "&lt;/pre&gt;&lt;script&gt;alert(&quot;1&#39; &amp; 2&quot;)&lt;/script&gt;";
  assertEquals(markup`<a title="${evil}">${evil}</a>`.text, `<a title="${escaped}">${escaped}</a>`);
  assertEquals(markup`${[markup`<b>${1}</b>`, "<", undefined, null]}`.text, "<b>1</b>&lt;");
  assertEquals(markup`${"\x1b[31m\0\n"}`.text, "\ufffd[31m\ufffd\n");
});
