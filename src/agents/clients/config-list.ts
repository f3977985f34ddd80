/**
 * Owns: entries of ours in lists of a settings file of somebody else, such as the hooks of a client. All else
 * in the file stays byte for byte as it is. Does not know: what the entries say.
 */
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
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
  textBefore,
  withoutEmpty,
} from './config-file.ts';
import { withoutNode } from './take-node-out.ts';

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
  const had = textBefore(change);
  return takeBack(file, change, (text) =>
    unmarked(text, (plain) =>
      entries.reduce((now, entry) => withoutEntry(file, now, entry, had), plain),
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

function withoutEntry(file: string, text: string, entry: ListEntry, had: string): string {
  const index = indexOf(file, text, entry);
  const node = index < 0 ? undefined : listAt(text, entry.at)?.children?.[index];
  return node ? withoutEmpty(file, withoutNode(text, node), entry.at, had) : text;
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
