/**
 * What flows where in the sources: from each place that prints a text, back to the literals that it is made of.
 *
 * @module
 */
// deno-lint-ignore no-import-prefix -- only tests need it
import ts from "npm:typescript@^5.8.0";
import { HOLE } from "./listed_messages.ts";
import { ROOT } from "./run.ts";

/** Levels whose lines ask for attention. */
const LEVELS = new Set(["warn", "error", "critical"]);

/** Methods of arrays and strings that give what they hold, or were given. */
const PASSING = new Set(
  ["join", "filter", "slice", "concat", "toSorted", "sort", "reverse", "trim", "values", "at"],
);
const MAPPING = new Set(["map", "flatMap", "forEach", "find"]);

/** Fewer words in a part of a message are nothing to look for; a line of its own is. */
const FEWEST_WORDS = 3;

/** A text, and the places in the sources that have it. */
export interface PrintedText {
  /** With {@linkcode HOLE} for what is put in. */
  readonly text: string;
  /** File and line of each. */
  readonly places: readonly string[];
}

function isText(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken);
}

/** Of each declaration, the expressions whose value it may get; and the texts that are printed of them. */
export class TextFlow {
  readonly #checker: ts.TypeChecker;
  readonly #inputs = new Map<ts.Node, Set<ts.Node>>();
  readonly #seen = new Set<ts.Node>();
  readonly #found = new Map<string, string[]>();

  constructor(program: ts.Program, files: readonly ts.SourceFile[]) {
    this.#checker = program.getTypeChecker();
    for (const file of files) this.#walk(file, (node) => this.#record(node));
    for (const file of files) this.#walk(file, (node) => this.#startAt(node));
  }

  get texts(): PrintedText[] {
    return [...this.#found].map(([text, places]) => ({ text, places }));
  }

  #walk(node: ts.Node, visit: (node: ts.Node) => void): void {
    visit(node);
    ts.forEachChild(node, (child) => this.#walk(child, visit));
  }

  #declarations(node: ts.Node): readonly ts.Node[] {
    let symbol = this.#checker.getSymbolAtLocation(node);
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) {
      symbol = this.#checker.getAliasedSymbol(symbol);
    }
    return symbol?.declarations ?? [];
  }

  #feed(targets: readonly ts.Node[], input: ts.Node): void {
    for (const target of targets) {
      const inputs = this.#inputs.get(target) ?? new Set();
      this.#inputs.set(target, inputs.add(input));
    }
  }

  #feedParameters(parameters: readonly ts.Node[], inputs: readonly ts.Node[]): void {
    for (const [at, parameter] of parameters.entries()) {
      const input = inputs[at];
      if (input !== undefined) this.#feed([parameter], input);
      if (ts.isParameter(parameter) && parameter.dotDotDotToken !== undefined) {
        for (const rest of inputs.slice(at)) this.#feed([parameter], rest);
      }
    }
  }

  #record(node: ts.Node): void {
    const checker = this.#checker;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.kind;
      if (operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment) {
        const left = ts.isPropertyAccessExpression(node.left) ? node.left.name : node.left;
        this.#feed(this.#declarations(left), node.right);
      }
    } else if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) {
      const value = ts.isPropertyAssignment(node) ? node.initializer : node.name;
      const name = ts.isIdentifier(node.name) ? node.name.text : undefined;
      const type = checker.getContextualType(node.parent);
      const property = name === undefined ? undefined : type?.getProperty(name);
      const declared = [...property?.declarations ?? []];
      if (type?.isUnion() && name !== undefined) {
        for (const part of type.types) declared.push(...part.getProperty(name)?.declarations ?? []);
      }
      this.#feed(
        declared,
        ts.isPropertyAssignment(node)
          ? value
          : checker.getShorthandAssignmentValueSymbol(node)?.declarations?.[0] ?? value,
      );
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const inputs = node.arguments ?? [];
      const declaration = checker.getResolvedSignature(node)?.declaration;
      if (declaration !== undefined && "parameters" in declaration) {
        this.#feedParameters([...declaration.parameters as ts.NodeArray<ts.Node>], inputs);
      }
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { name, expression } = node.expression;
        const target = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
        const [callback] = inputs;
        if (name.text === "push" || name.text === "add") {
          for (const input of inputs) this.#feed(this.#declarations(target), input);
        } else if (MAPPING.has(name.text) && callback !== undefined && "parameters" in callback) {
          const [first] = callback.parameters as ts.NodeArray<ts.Node>;
          if (first !== undefined) this.#feed([first], expression);
        }
      }
    } else if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer)) {
      this.#feed(node.initializer.declarations, node.expression);
    } else if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      // A function that is passed is called by what its type says.
      const [signature] = checker.getContextualType(node)?.getCallSignatures() ?? [];
      for (const [at, { declarations = [] }] of (signature?.parameters ?? []).entries()) {
        const parameter = node.parameters[at];
        for (const declared of declarations) {
          if (parameter !== undefined && declared.getSourceFile().fileName.startsWith(ROOT)) {
            this.#feed([parameter], declared);
          }
        }
      }
    }
  }

  /** Where something is printed, or thrown. */
  #startAt(node: ts.Node): void {
    if (
      ts.isNewExpression(node) &&
      (ts.isThrowStatement(node.parent) || /Error$/.test(node.expression.getText()))
    ) {
      for (const input of node.arguments ?? []) this.#traceWhole(input);
    }
    if (!ts.isCallExpression(node)) return;
    const { expression, arguments: [first] } = node;
    if (first === undefined) return;
    if (expression.kind === ts.SyntaxKind.SuperKeyword) return this.#traceWhole(first);
    const printed = ts.isPropertyAccessExpression(expression)
      ? LEVELS.has(expression.name.text) &&
        /\b(log|console)$/i.test(expression.expression.getText())
      : ts.isElementAccessExpression(expression)
      ? /\blog$/i.test(expression.expression.getText())
      : expression.getText() === "complain";
    if (printed) this.#traceWhole(first);
  }

  /** What is printed as it is, and no part of it, counts however short it is. */
  #traceWhole(node: ts.Node): void {
    if (isText(node)) this.#keep(this.#render(node), node, 1);
    else this.#trace(node);
  }

  #keep(text: string, node: ts.Node, fewestWords = FEWEST_WORDS): void {
    const words = text.replaceAll(HOLE, " ").match(/[\p{L}_][\p{L}\p{N}_'-]*/gu) ?? [];
    const isLine = words.length > 0 && /: |^Cannot /.test(text);
    if ((words.length < fewestWords && !isLine) || !text.includes(" ")) return;
    const file = node.getSourceFile();
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    const flat = text.replaceAll(/…+/g, HOLE).trim();
    const place = `${file.fileName.slice(ROOT.length + 1)}:${line}`;
    this.#found.set(flat, [...this.#found.get(flat) ?? [], place]);
  }

  /** A text of several parts as it is printed; its parts are traced for what they bring. */
  #render(node: ts.Node): string {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isParenthesizedExpression(node)) return this.#render(node.expression);
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map((span) => {
        return this.#render(span.expression) + span.literal.text;
      });
      return node.head.text + spans.join("");
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return this.#render(node.left) + this.#render(node.right);
    }
    this.#trace(node);
    return HOLE;
  }

  #returns(node: ts.Node): void {
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) return this.#trace(node.body);
    const visit = (inner: ts.Node): void => {
      if (inner !== node && ts.isFunctionLike(inner)) return;
      if ((ts.isReturnStatement(inner) || ts.isYieldExpression(inner)) && inner.expression) {
        this.#trace(inner.expression);
      }
      ts.forEachChild(inner, visit);
    };
    visit(node);
  }

  #traceDeclaration(node: ts.Node): void {
    if (this.#seen.has(node) || !node.getSourceFile().fileName.startsWith(`${ROOT}/`)) return;
    this.#seen.add(node);
    for (const input of this.#inputs.get(node) ?? []) this.#trace(input);
    if (ts.isPropertySignature(node) && ts.isTypeLiteralNode(node.parent)) {
      // One shape may be written down twice: `{ failure: string }` here is that one there.
      for (const twin of this.#inputs.keys()) {
        const isTwin = ts.isPropertySignature(twin) && ts.isTypeLiteralNode(twin.parent) &&
          twin.name.getText() === node.name.getText() &&
          twin.getSourceFile() === node.getSourceFile();
        if (isTwin) this.#traceDeclaration(twin);
      }
    }
    if (ts.isFunctionLike(node)) this.#returns(node);
    else if (ts.isBindingElement(node)) {
      const name = node.propertyName ?? node.name;
      const type = this.#checker.getTypeAtLocation(node.parent);
      const property = ts.isObjectBindingPattern(node.parent) && ts.isIdentifier(name)
        ? type.getProperty(name.text)
        : undefined;
      for (const declaration of property?.declarations ?? []) this.#traceDeclaration(declaration);
      // `const { text } = a ? { text: b } : c`: the type forgets the literal.
      this.#walk(node.parent.parent, (inner) => {
        if (ts.isPropertyAssignment(inner) && inner.name.getText() === name.getText()) {
          this.#traceDeclaration(inner);
        }
      });
      if (ts.isArrayBindingPattern(node.parent)) this.#traceDeclaration(node.parent.parent);
    } else if (ts.isShorthandPropertyAssignment(node)) {
      const value = this.#checker.getShorthandAssignmentValueSymbol(node);
      for (const declaration of value?.declarations ?? []) this.#traceDeclaration(declaration);
    } else if ("initializer" in node && node.initializer !== undefined) {
      this.#trace(node.initializer as ts.Node);
    }
  }

  #trace(node: ts.Node): void {
    if (this.#seen.has(node)) return;
    if (ts.isParameter(node) || ts.isBindingElement(node) || ts.isVariableDeclaration(node)) {
      return this.#traceDeclaration(node);
    }
    this.#seen.add(node);
    if (isText(node)) return this.#keep(this.#render(node), node);
    if (ts.isConditionalExpression(node)) {
      this.#trace(node.whenTrue);
      this.#trace(node.whenFalse);
    } else if (ts.isBinaryExpression(node)) {
      this.#trace(node.left);
      this.#trace(node.right);
    } else if (ts.isCallExpression(node)) this.#traceCall(node);
    else if (ts.isPropertyAccessExpression(node)) {
      for (const declaration of this.#declarations(node.name)) this.#traceDeclaration(declaration);
    } else if (ts.isElementAccessExpression(node)) this.#trace(node.expression);
    else if (ts.isIdentifier(node)) {
      for (const declaration of this.#declarations(node)) this.#traceDeclaration(declaration);
    } else if (ts.isObjectLiteralExpression(node)) {
      for (const property of node.properties) this.#traceDeclaration(property);
    } else if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) this.#returns(node);
    else if (ts.isArrayLiteralExpression(node)) {
      for (const element of node.elements) this.#trace(element);
    } else if ("expression" in node) this.#trace(node.expression as ts.Node);
  }

  #traceCall(node: ts.CallExpression): void {
    const { expression, arguments: [first] } = node;
    if (ts.isPropertyAccessExpression(expression)) {
      const { text } = expression.name;
      if (PASSING.has(text)) return this.#trace(expression.expression);
      if (MAPPING.has(text) && first !== undefined) return this.#trace(first);
    }
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    for (const declaration of this.#declarations(name)) this.#traceDeclaration(declaration);
  }
}
