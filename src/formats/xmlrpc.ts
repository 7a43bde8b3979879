/**
 * XML-RPC as supervisord speaks it: a call to text, a reply to a value or a fault.
 *
 * Only the types that occur there. Source: http://xmlrpc.com/spec.md, and the replies of supervisord
 * 4.2.5 and 4.3.0, which copy control bytes of logs into the XML as they are, so that a strict XML
 * parser would refuse them.
 *
 * @module
 */

/** A value that XML-RPC can carry here. */
export type XmlRpcValue =
  | string
  | number
  | boolean
  | null
  | readonly XmlRpcValue[]
  | { readonly [name: string]: XmlRpcValue };

/** What faults mean that a user may meet; source: supervisor/xmlrpc.py, and rpcinterface.py for when. */
const FAULT_WORDS: Readonly<Record<number, string>> = {
  6: "it is shutting down",
  10: "it knows no such process",
  50: "the process could not be spawned, or ended as soon as it was",
  60: "the process runs already",
  70: "the process does not run",
};

/** supervisord answered with a fault instead of a value. */
export class RpcFault extends Error {
  /** supervisord's fault code, e.g. 6 while it shuts down (`SHUTDOWN_STATE`). */
  readonly code: number;

  constructor(code: number, text: string) {
    const words = FAULT_WORDS[code];
    super(
      words === undefined
        ? `supervisord answered with fault ${code}: ${text}`
        : `supervisord answered that ${words} (fault ${code}: ${text})`,
    );
    this.name = "RpcFault";
    this.code = code;
  }
}

/** Codes of {@linkcode RpcFault} that callers tell apart; source: supervisor/xmlrpc.py, class Faults. */
export const FAULT = {
  noFile: 20,
  notExecutable: 21,
  alreadyStarted: 60,
  notRunning: 70,
} as const;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

function renderValue(value: string | number | boolean): string {
  switch (typeof value) {
    case "string":
      return `<string>${escapeXml(value)}</string>`;
    case "number":
      return `<int>${value}</int>`;
    case "boolean":
      return `<boolean>${value ? 1 : 0}</boolean>`;
  }
}

/** Renders a call. */
export function renderCall(method: string, args: readonly (string | number | boolean)[]): string {
  const params = args.map((arg) => `<param><value>${renderValue(arg)}</value></param>`).join("");
  return `<?xml version="1.0"?><methodCall><methodName>${
    escapeXml(method)
  }</methodName><params>${params}</params></methodCall>`;
}

/**
 * Parses a reply.
 *
 * @throws {RpcFault} If supervisord answered with a fault.
 * @throws {SyntaxError} If it is not an XML-RPC reply.
 */
export function parseReply(text: string): XmlRpcValue {
  const reader = new TagReader(text);
  reader.skipTo("methodResponse");
  const kind = reader.next();
  if (kind === "fault") {
    reader.expect("value");
    const fault = readValue(reader);
    if (typeof fault === "object" && fault !== null && !Array.isArray(fault)) {
      const { faultCode, faultString } = fault as Record<string, XmlRpcValue>;
      throw new RpcFault(Number(faultCode), String(faultString));
    }
    throw new SyntaxError("Cannot parse an XML-RPC fault: it is not a struct");
  }
  if (kind !== "params") throw new SyntaxError(`Cannot parse an XML-RPC reply: found <${kind}>`);
  reader.expect("param");
  reader.expect("value");
  return readValue(reader);
}

/** Walks over tags; the text before each one is kept. */
class TagReader {
  readonly #tags = /<(\/?[a-zA-Z0-9]+)\s*(\/?)>/g;
  readonly #source: string;
  /** The text between the last two tags. */
  text = "";
  #pendingClose: string | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  next(): string {
    if (this.#pendingClose !== undefined) {
      const close = this.#pendingClose;
      this.#pendingClose = undefined;
      this.text = "";
      return close;
    }
    const from = this.#tags.lastIndex;
    const match = this.#tags.exec(this.#source);
    if (match === null) throw new SyntaxError("Cannot parse an XML-RPC reply: it is cut short");
    this.text = this.#source.slice(from, match.index);
    const [, name = "", selfClosing] = match;
    if (selfClosing === "/") this.#pendingClose = `/${name}`;
    return name;
  }

  expect(tag: string): void {
    const found = this.next();
    if (found !== tag) {
      throw new SyntaxError(`Cannot parse an XML-RPC reply: found <${found}> instead of <${tag}>`);
    }
  }

  skipTo(tag: string): void {
    while (this.next() !== tag);
  }
}

/** Reads what follows a `<value>`, up to and with its end. */
function readValue(reader: TagReader): XmlRpcValue {
  const type = reader.next();
  if (type === "/value") return unescapeXml(reader.text);
  const value = readTyped(reader, type);
  reader.expect("/value");
  return value;
}

function readTyped(reader: TagReader, type: string): XmlRpcValue {
  if (type === "struct") return readStruct(reader);
  if (type === "array") return readArray(reader);
  reader.expect(`/${type}`);
  const { text } = reader;
  switch (type) {
    case "string":
      return unescapeXml(text);
    case "int":
    case "i4":
    case "i8":
    case "double": {
      const value = Number(text);
      if (text.trim() === "" || Number.isNaN(value)) {
        throw new SyntaxError(`Cannot parse an XML-RPC number: "${text}"`);
      }
      return value;
    }
    case "boolean":
      return text.trim() === "1";
    case "nil":
      return null;
    default:
      throw new SyntaxError(`Cannot parse an XML-RPC reply: type <${type}> is not known`);
  }
}

function readStruct(reader: TagReader): XmlRpcValue {
  const members: Record<string, XmlRpcValue> = Object.create(null);
  for (let tag = reader.next(); tag !== "/struct"; tag = reader.next()) {
    if (tag !== "member") throw new SyntaxError(`Cannot parse an XML-RPC struct: found <${tag}>`);
    reader.expect("name");
    reader.expect("/name");
    const name = unescapeXml(reader.text);
    reader.expect("value");
    members[name] = readValue(reader);
    reader.expect("/member");
  }
  return members;
}

function readArray(reader: TagReader): XmlRpcValue {
  const items: XmlRpcValue[] = [];
  reader.expect("data");
  for (let tag = reader.next(); tag !== "/data"; tag = reader.next()) {
    if (tag !== "value") throw new SyntaxError(`Cannot parse an XML-RPC array: found <${tag}>`);
    items.push(readValue(reader));
  }
  reader.expect("/array");
  return items;
}
