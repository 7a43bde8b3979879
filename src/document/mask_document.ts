/**
 * A document for people to read, without its secrets.
 *
 * @module
 */
import { parseEnvironmentList } from "../formats/environment_list.ts";
import { quoteArgument } from "../formats/quote_command.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { splitShellWords } from "../formats/shell_words.ts";
import { MASK } from "../formats/mask_credentials.ts";
import { isSecretName, maskArguments, maskText } from "../formats/secrets.ts";

/** Arguments that look secret; a command without any stays as it was quoted. */
function maskCommand(command: string): string {
  const words = splitShellWords(command);
  if (words === undefined) return MASK;
  const masked = maskArguments(words);
  const isSame = masked.every((word, index) => word === words[index]);
  return isSame ? command : masked.map(quoteArgument).join(" ");
}

/** Every value, since their names need not tell. */
function maskEnvironment(list: string): string {
  const read = parseEnvironmentList(list);
  if ("failure" in read) return MASK;
  return [...read.variables.keys()].map((name) => `${name}="${MASK}"`).join(",");
}

/**
 * Masks what a log would mask: values of `environment=`, passwords, arguments that look secret,
 * credentials in URLs.
 */
export function maskDocument(document: ConfigDocument): ConfigDocument {
  const mask = (key: string, value: string): string => {
    if (key === "command") return maskCommand(value);
    if (key === "environment") return maskEnvironment(value);
    return isSecretName(key) ? MASK : maskText(value);
  };
  return new Map(
    [...document].map(([name, section]) => [
      name,
      new Map([...section].map(([key, value]) => [key, mask(key, value)])),
    ]),
  );
}
