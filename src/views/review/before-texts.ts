/**
 * Owns: files as they would be without the work of agents that nobody has looked at, as documents that nobody can
 * edit. Does not know: who opens them.
 */
import * as vscode from 'vscode';
import type { Whose } from '../../core/review.ts';
import { takeBackChanges } from '../../core/take-back.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Review } from '../../review/review.ts';
import { readFile } from '../../world/file-reader.ts';
import { SchemeTexts } from '../scheme-texts.ts';

export const BEFORE_SCHEME = 'agent-world-unreviewed';

/** A file without the work of some agents; the absolute path is what is shown of it and what tells the language. */
export function beforeUri(fileId: number, path: string, { agent, turn }: Whose = {}): vscode.Uri {
  const query = [fileId, agent ?? '', turn ?? ''].join('.');
  return vscode.Uri.from({ scheme: BEFORE_SCHEME, path, query });
}

export class BeforeTexts extends SchemeTexts {
  constructor(current: () => FolderWorld | undefined, review: () => Review | undefined) {
    super(BEFORE_SCHEME, (uri) => textBefore(current(), review(), uri));
  }
}

function meantBy({ query }: vscode.Uri): { readonly fileId: number; readonly whose: Whose } {
  const [fileId, agent = '', turn = ''] = query.split('.');
  const whose = { ...(agent && { agent }), ...(turn && { turn: Number(turn) }) };
  return { fileId: Number(fileId), whose };
}

async function textBefore(
  current: FolderWorld | undefined,
  review: Review | undefined,
  uri: vscode.Uri,
): Promise<string> {
  if (!current || !review) return vscode.l10n.t('The folder is in no world now.');
  const { session } = current;
  const { fileId, whose } = meantBy(uri);
  const hunks = await review.hunks(fileId, whose);
  const wholes = hunks.flatMap((hunk) => (hunk.tag === 'whole' ? [hunk.change] : []));
  if (wholes.some(({ kind }) => kind === 'created')) return '';
  const content = wholes.find((change) => change.kind === 'content');
  // Every hunk was looked at in the same text. What was replaced as a whole leaves nothing to take out of it.
  const version = content?.beforeVersion ?? hunks[0]?.version;
  const file = await readFile(await session.whenOnline(), session.view, fileId, version);
  if (file.kind !== 'text') return vscode.l10n.t('Not a text: {0} bytes.', file.bytes.length);
  if (content) return file.text.toString();
  const plans = hunks.flatMap((hunk) => (hunk.tag === 'text' ? [hunk.plan] : []));
  const changes = takeBackChanges(
    plans,
    plans.map(() => 'take'),
  );
  return file.text.apply(changes).toString();
}
