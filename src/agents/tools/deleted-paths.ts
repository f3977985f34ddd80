import { parsePatch } from './patch.ts';

/** The paths that a call of a tool deletes, as it names them. A call that does not fit its form does nothing. */
export function deletedPaths(arguments_: object): readonly string[] {
  const { patch, changes } = arguments_ as { readonly patch?: unknown; readonly changes?: unknown };
  if (Array.isArray(changes)) return changes.flatMap(deletedByChange);
  return deletedByPatch(patch);
}

function deletedByChange(change: unknown): readonly string[] {
  const { kind, path, patch } = (change ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'patch') return deletedByPatch(patch);
  return kind === 'delete' && typeof path === 'string' ? [path] : [];
}

function deletedByPatch(patch: unknown): readonly string[] {
  const parsed = typeof patch === 'string' ? parsePatch(patch) : undefined;
  if (parsed?.tag !== 'patch') return [];
  return parsed.files.flatMap((file) => (file.kind === 'delete' ? [file.path] : []));
}
