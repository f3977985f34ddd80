import type { PresentMember } from '../status-bar.ts';

/** A member's name, agents marked as such. */
export function memberLabel({ name, kind }: Pick<PresentMember, 'name' | 'kind'>): string {
  return kind === 'agent' ? `⚙ ${name}` : name;
}

/**
 * Who is in a file, in the two characters that VS Code has room for: a person's initials, an agent's
 * mark and initial, or the number of several.
 */
export function memberBadge(members: readonly Pick<PresentMember, 'name' | 'kind'>[]): string {
  const [only] = members;
  if (members.length > 1 || only === undefined)
    return members.length > 9 ? '9+' : `${members.length}`;
  const words = only.name.split(/[\s._-]+/u).filter((word) => word !== '');
  const [first = '', second = ''] = words.map((word) => [...word][0] ?? '');
  if (only.kind === 'agent') return `⚙${first.toUpperCase()}`;
  return (
    second === '' ? [...(words[0] ?? '')].slice(0, 2).join('') : first + second
  ).toUpperCase();
}
