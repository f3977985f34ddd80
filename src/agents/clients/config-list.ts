/**
 * Owns: entries of ours in lists of a settings file of somebody else, such as the hooks of a client. All else
 * in the file stays byte for byte as it is. Does not know: what the entries say.
 */
import {
  applyEdits,
  findNodeAtLocation,
  getNodePath,
  modify,
  type Node,
  parseTree,
} from 'jsonc-parser';
import {
  BYTE_ORDER_MARK,
  type ConfigChange,
  changeFile,
  contentOf,
  edit,
  formOf,
  parsed,
  pretty,
  takeBack,
} from './config-file.ts';

/** One entry in the list that is there. */
export interface ListEntry {
  /** Where the list is, from the file's root. */
  readonly at: readonly string[];
  readonly value: unknown;
}

/** Puts entries at the beginning of their lists. Throws `WorldError` for a damaged file. */
export function putInLists(file: string, entries: readonly ListEntry[]): Promise<ConfigChange> {
  return changeFile(file, (text) =>
    unmarked(text, (plain) =>
      entries.reduce((now, entry) => withEntry(file, now, entry), plain.trim() ? plain : '{}\n'),
    ),
  );
}

/** Takes out the entries that are equal. A file that nobody has changed meanwhile is again as it was. */
export function takeFromLists(
  file: string,
  entries: readonly ListEntry[],
  change: ConfigChange,
): Promise<void> {
  return takeBack(file, change, (text) =>
    unmarked(text, (plain) =>
      entries.reduce((now, entry) => withoutEntry(file, now, entry), plain),
    ),
  );
}

/** True where the file has all of them. */
export async function areInLists(file: string, entries: readonly ListEntry[]): Promise<boolean> {
  const text = (await contentOf(file)) ?? '';
  return entries.every((entry) => indexOf(file, text, entry) >= 0);
}

/** Changes what stands behind a byte order mark. */
function unmarked(text: string, change: (plain: string) => string): string {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  return mark + change(text.slice(mark.length));
}

function withEntry(file: string, text: string, { at, value }: ListEntry): string {
  parsed(file, text);
  const list = listAt(text, at);
  if (!list) return edit(file, text, at, [value]);
  if (indexOf(file, text, { at, value }) >= 0) return text;
  const form = formOf(text);
  const { eol, unit } = form;
  const depth = at.length + 1;
  const line = `${eol}${unit.repeat(depth)}${pretty(value, depth, form)}`;
  const isEmpty = (list.children ?? []).length === 0;
  const ending = isEmpty ? `${eol}${unit.repeat(depth - 1)}` : ',';
  const place = list.offset + 1;
  return text.slice(0, place) + line + ending + text.slice(place);
}

function withoutEntry(file: string, text: string, entry: ListEntry): string {
  const index = indexOf(file, text, entry);
  const list = listAt(text, entry.at);
  let node = index < 0 ? undefined : list?.children?.[index];
  if (!node) return text;
  // A list or an object in which nothing else is goes with it.
  while (node.parent?.parent && (node.parent.type === 'property' || isOnlyChild(node))) {
    node = node.parent;
  }
  const end = node.offset + node.length;
  const comma = /^\s*,/.exec(text.slice(end))?.[0];
  if (comma !== undefined) {
    return text.slice(0, node.offset).trimEnd() + text.slice(end + comma.length);
  }
  const last = node.type === 'property' ? node.children![1]! : node;
  return applyEdits(text, modify(text, getNodePath(last), undefined, {}));
}

function isOnlyChild({ parent }: Node): boolean {
  return parent?.children?.length === 1;
}

/** Where an equal entry is in its list; -1 where it is not. */
function indexOf(file: string, text: string, { at, value }: ListEntry): number {
  const list = at.reduce<unknown>(
    (inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key],
    parsed(file, text),
  );
  const wanted = JSON.stringify(value);
  return Array.isArray(list) ? list.findIndex((each) => JSON.stringify(each) === wanted) : -1;
}

function listAt(text: string, at: readonly string[]): Node | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const found = root && findNodeAtLocation(root, [...at]);
  return found?.type === 'array' ? found : undefined;
}
