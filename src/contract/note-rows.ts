import { subscribe, type NoteClient } from './note-client.ts';

export const note = (slug: string, folder = 'inbox', rank = 0, text = '') => ({
  slug,
  folder,
  rank,
  text,
});

/** The slugs of the notes that a client holds, in order. */
export function slugs(client: NoteClient): string[] {
  return [...client.connection.db.note.iter()].map((row) => row.slug).sort();
}

/** The text of a note, asked for. */
export async function textOf(client: NoteClient, slug: string): Promise<string | undefined> {
  await subscribe(client, `SELECT * FROM note WHERE slug = '${slug}'`);
  return [...client.connection.db.note.iter()].find((row) => row.slug === slug)?.text;
}
