import { assertEquals, assertThrows } from "@std/assert";
import { parseReply, renderCall, RpcFault } from "./xmlrpc.ts";

const reply = (value: string) =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${value}\n</param>\n</params>\n</methodResponse>\n`;

Deno.test("renderCall() escapes what XML gives a meaning", () => {
  assertEquals(
    renderCall("supervisor.startProcess", ["a<&>b", false, 3]),
    '<?xml version="1.0"?><methodCall><methodName>supervisor.startProcess</methodName><params>' +
      "<param><value><string>a&#60;&#38;&#62;b</string></value></param>" +
      "<param><value><boolean>0</boolean></value></param>" +
      "<param><value><int>3</int></value></param></params></methodCall>",
  );
});

Deno.test("parseReply() reads every type that supervisord sends", () => {
  const cases: [string, unknown][] = [
    ["<value><string>x &lt;y&gt; &#233;&#x1F600; &amp;amp;</string></value>", "x <y> é😀 &amp;"],
    ["<value>bare</value>", "bare"],
    ["<value></value>", ""],
    ["<value><string></string></value>", ""],
    ["<value><string/></value>", ""],
    ["<value><int>-7</int></value>", -7],
    ["<value><i4>7</i4></value>", 7],
    ["<value><double>1.5</double></value>", 1.5],
    ["<value><boolean>1</boolean></value>", true],
    ["<value><nil/></value>", null],
    ["<value><array><data>\n</data></array></value>", []],
    [
      "<value><array><data><value><int>1</int></value>\n<value><string>b</string></value></data></array></value>",
      [1, "b"],
    ],
    ["<value><string>\u0001\u001b[0m</string></value>", "\u0001\u001b[0m"],
  ];
  for (const [text, value] of cases) assertEquals(parseReply(reply(text)), value, text);
});

Deno.test("parseReply() reads structs, also with a member called __proto__", () => {
  const struct = parseReply(reply(
    "<value><struct>\n<member>\n<name>pid</name>\n<value><int>5</int></value>\n</member>\n" +
      "<member><name>__proto__</name><value><string>x</string></value></member></struct></value>",
  ));
  assertEquals(Object.entries(struct as object), [["pid", 5], ["__proto__", "x"]]);
});

Deno.test("parseReply() throws a fault with its code", () => {
  const fault = "<methodResponse><fault><value><struct><member><name>faultCode</name>" +
    "<value><int>6</int></value></member><member><name>faultString</name>" +
    "<value><string>SHUTDOWN_STATE</string></value></member></struct></value></fault></methodResponse>";
  try {
    parseReply(fault);
  } catch (error) {
    assertEquals(error instanceof RpcFault && error.code, 6);
    return;
  }
  throw new Error("did not throw");
});

Deno.test("parseReply() refuses what is cut short or no reply", () => {
  const whole = reply("<value><array><data><value><int>1</int></value></data></array></value>");
  const end = whole.indexOf("</array>");
  for (let length = 0; length < end; length += 7) {
    assertThrows(() => parseReply(whole.slice(0, length)), SyntaxError);
  }
  const values = [
    ...["<int>x</int>", "<dateTime>1</dateTime>", "<int>1</int><int>2</int>"],
    ...["<struct><value></value></struct>", "<array><data><int>1</int></data></array>"],
  ];
  for (const value of values) {
    assertThrows(() => parseReply(reply(`<value>${value}</value>`)), SyntaxError, "", value);
  }
  for (const kind of ["<fault><value><int>6</int></value></fault>", "<other></other>"]) {
    assertThrows(() => parseReply(`<methodResponse>${kind}</methodResponse>`), SyntaxError);
  }
});

Deno.test("RpcFault says in words what supervisord means, and keeps its own", () => {
  const cases: [code: number, text: string, says: string][] = [
    [
      50,
      "SPAWN_ERROR: e:e",
      "could not be spawned, or ended as soon as it was (fault 50: SPAWN_ERROR: e:e)",
    ],
    [60, "ALREADY_STARTED: e:e", "runs already (fault 60: ALREADY_STARTED: e:e)"],
    [99, "NEW: x", "supervisord answered with fault 99: NEW: x"],
  ];
  for (const [code, text, says] of cases) {
    const fault = new RpcFault(code, text);
    assertEquals([fault.code, fault.message.endsWith(says)], [code, true], fault.message);
  }
});
