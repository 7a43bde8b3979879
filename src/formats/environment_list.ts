/**
 * supervisord's `environment=` lists: `KEY=value,OTHER='a b'`.
 *
 * Reads them as `supervisor.datatypes.dict_of_key_value_pairs` of 4.2.5 and 4.3.0 does, which is
 * not how a shell would: no backslashes, quotes inside a word are kept, and quotes of both kinds
 * are stripped from both ends of a value.
 *
 * @module
 */

/** A list that was read, or why supervisord refuses it. */
export type EnvironmentList =
  | {
    readonly variables: ReadonlyMap<string, string>;
    /** What supervisord drops without a word, as a phrase; `undefined` where nothing is lost. */
    readonly loss: string | undefined;
  }
  | { readonly failure: string };

const SPACE = " \t\r\n";
const WORD = /^[A-Za-z0-9_/.+\-():]$/;
const KEY = /^[A-Za-z_][A-Za-z0-9_/.+\-():]*$/;

/** Cuts a text into words as Python's `shlex.shlex(text)` does, or says why it cannot. */
function splitWords(text: string): string[] | string {
  const words: string[] = [];
  let word = "";
  let quote: string | undefined;
  let comment = false;
  function finish() {
    if (word !== "") words.push(word);
    word = "";
  }
  for (const character of text) {
    if (comment) {
      comment = character !== "\n";
    } else if (quote !== undefined) {
      word += character;
      if (character === quote) {
        quote = undefined;
        finish();
      }
    } else if (SPACE.includes(character)) {
      finish();
    } else if (character === "#") {
      // Even inside a word, which then goes on in the next line.
      comment = true;
    } else if (WORD.test(character)) {
      word += character;
    } else if (character === "'" || character === '"') {
      if (word === "") quote = character;
      word += character;
    } else {
      finish();
      words.push(character);
    }
  }
  if (quote !== undefined) return "a quotation is not closed";
  finish();
  return words;
}

function stripQuotes(word: string): string {
  return word.replace(/^['"]+/, "").replace(/['"]+$/, "");
}

/** What the word means to the person who wrote it. */
function readWord(word: string): string {
  const quoted = /^(['"])([^]*)\1$/.exec(word);
  return quoted?.[2] ?? word;
}

/**
 * Reads an `environment=` list, already expanded, exactly as supervisord does.
 *
 * @example
 * ```ts
 * const list = parseEnvironmentList(`A=1,B="x, y"`); // variables: A is 1, B is "x, y"
 * ```
 */
export function parseEnvironmentList(text: string): EnvironmentList {
  const words = splitWords(text);
  if (typeof words === "string") return { failure: words };
  const variables = new Map<string, string>();
  let loss: string | undefined;
  for (let at = 0; at < words.length; at += 4) {
    const [key, sign, value, separator] = words.slice(at, at + 4);
    if (key === undefined || sign !== "=" || value === undefined) {
      return { failure: "a part of it is not KEY=value" };
    }
    const stripped = stripQuotes(value);
    variables.set(key, stripped);
    if (!KEY.test(key)) loss ??= "a key holds what a variable's name cannot";
    if (stripped !== readWord(value)) loss ??= "quotes at the edges of a value are lost";
    if (separator !== undefined && separator !== ",") {
      loss ??= "what follows a value that is not quoted is lost";
    }
  }
  if (loss === undefined && /#/.test(text.replaceAll(/'[^']*'|"[^"]*"/g, ""))) {
    loss = "what follows a # outside of quotes is lost";
  }
  return { variables, loss };
}
