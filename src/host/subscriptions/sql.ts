/** Thrown for a query that cannot be answered; the message is for the person who wrote it. */
export class QueryError extends Error {}

export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>=';

export type Operand =
  | { readonly kind: 'column'; readonly table: string | null; readonly name: string }
  | { readonly kind: 'number' | 'string' | 'hex'; readonly text: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'sender' };

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | {
      readonly kind: 'compare';
      readonly comparison: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    };

export interface Query {
  readonly table: string;
  /** The name conditions may put before a column. */
  readonly alias: string;
  readonly where: Condition | null;
}

/** In bytes, as SpacetimeDB counts. */
const LONGEST_QUERY = 50_000;
const DEEPEST_CONDITION = 256;
const MOST_COMPARISONS = 1000;

/** Parses `SELECT * FROM table [WHERE condition]`. Throws {@link QueryError}. */
export function parseQuery(text: string): Query {
  if (Buffer.byteLength(text) > LONGEST_QUERY) throw new QueryError('the query is too long');
  return new Parser(tokenize(text), text).query();
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'string' | 'hex' | 'symbol' | 'end';
  readonly text: string;
}

const TOKEN =
  /\s+|(?<hex>0[xX][0-9A-Fa-f]*|[xX]'[0-9A-Fa-f]*')|(?<word>[A-Za-z_][A-Za-z_0-9]*)|"(?<quoted>(?:[^"]|"")+)"|(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|'(?<string>(?:[^']|'')*)'|(?<symbol><>|!=|<=|>=|[=<>().,*;:])/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new QueryError(`unexpected character at ${at}: ${quoteQuery(text)}`);
    const token = tokenOf(match.groups ?? {});
    if (token !== null) tokens.push(token);
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

function tokenOf(groups: Record<string, string | undefined>): Token | null {
  if (groups['hex'] !== undefined) {
    return { kind: 'hex', text: groups['hex'].replace(/^(0[xX]|[xX]')|'$/g, '') };
  }
  if (groups['quoted'] !== undefined) {
    return { kind: 'quoted', text: groups['quoted'].replaceAll('""', '"') };
  }
  if (groups['string'] !== undefined) {
    return { kind: 'string', text: groups['string'].replaceAll("''", "'") };
  }
  for (const kind of ['word', 'number', 'symbol'] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text };
  }
  return null;
}

function quoteQuery(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #next = 0;
  #depth = 0;
  #comparisons = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  query(): Query {
    this.#keyword('select');
    this.#projection();
    this.#keyword('from');
    const table = this.#name();
    const alias = this.#alias() ?? table;
    if (this.#isWord('join') || this.#isWord('inner') || this.#isSymbol(',')) {
      throw new QueryError(`joins are not supported: ${quoteQuery(this.#text)}`);
    }
    const where = this.#takeWord('where') ? this.#condition() : null;
    this.#takeSymbol(';');
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return { table, alias, where };
  }

  #projection(): void {
    if (this.#takeSymbol('*')) return;
    this.#name();
    if (this.#takeSymbol('.') && this.#takeSymbol('*')) return;
    throw new QueryError(`only whole rows can be selected: ${quoteQuery(this.#text)}`);
  }

  #alias(): string | null {
    if (this.#takeWord('as')) return this.#name();
    const token = this.#peek();
    if (token.kind === 'quoted') return this.#name();
    if (token.kind !== 'word' || /^(where|join|inner)$/i.test(token.text)) return null;
    return this.#name();
  }

  #condition(): Condition {
    let left = this.#conjunction();
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#conjunction() };
    return left;
  }

  #conjunction(): Condition {
    let left = this.#term();
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#term() };
    return left;
  }

  #term(): Condition {
    if (++this.#depth > DEEPEST_CONDITION) throw new QueryError('the condition is too deep');
    const term = this.#takeSymbol('(') ? this.#parenthesised() : this.#comparison();
    this.#depth--;
    return term;
  }

  #parenthesised(): Condition {
    const inner = this.#condition();
    if (!this.#takeSymbol(')')) throw this.#unexpected();
    return inner;
  }

  #comparison(): Condition {
    if (++this.#comparisons > MOST_COMPARISONS) throw new QueryError('too many comparisons');
    const left = this.#operand();
    const symbol = this.#take();
    const comparison = COMPARISONS[symbol.text];
    if (symbol.kind !== 'symbol' || comparison === undefined) throw this.#unexpected(symbol);
    return { kind: 'compare', comparison, left, right: this.#operand() };
  }

  #operand(): Operand {
    const token = this.#take();
    switch (token.kind) {
      case 'number':
      case 'string':
      case 'hex':
        return { kind: token.kind, text: token.text };
      case 'word':
        if (/^true$/i.test(token.text)) return { kind: 'bool', value: true };
        if (/^false$/i.test(token.text)) return { kind: 'bool', value: false };
        return this.#column(token.text);
      case 'quoted':
        return this.#column(token.text);
      case 'symbol':
        if (token.text === ':' && this.#takeWord('sender')) return { kind: 'sender' };
        throw this.#unexpected(token);
      case 'end':
        throw this.#unexpected(token);
    }
  }

  #column(first: string): Operand {
    if (!this.#takeSymbol('.')) return { kind: 'column', table: null, name: first };
    return { kind: 'column', table: first, name: this.#name() };
  }

  #name(): string {
    const token = this.#take();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.#unexpected(token);
    return token.text;
  }

  #keyword(word: string): void {
    if (!this.#takeWord(word)) throw this.#unexpected();
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  #isSymbol(symbol: string): boolean {
    const token = this.#peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  #takeWord(word: string): boolean {
    const found = this.#isWord(word);
    if (found) this.#next++;
    return found;
  }

  #takeSymbol(symbol: string): boolean {
    const found = this.#isSymbol(symbol);
    if (found) this.#next++;
    return found;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? END;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #unexpected(token = this.#peek()): QueryError {
    const found = token.kind === 'end' ? 'the end' : `\`${token.text}\``;
    return new QueryError(`unexpected ${found} in: ${quoteQuery(this.#text)}`);
  }
}

const END: Token = { kind: 'end', text: '' };

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};
