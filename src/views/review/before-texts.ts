/**
 * Owns: files as they would be without the work of agents that nobody has looked at, as documents that nobody can
 * edit. Does not know: who opens them.
 */
import * as vscode from 'vscode';
import { takeBackChanges } from '../../core/take-back.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Review } from '../../review/review.ts';
import { readFile } from '../../world/file-reader.ts';
import { SchemeTexts } from '../scheme-texts.ts';

export const BEFORE_SCHEME = 'agent-world-unreviewed';

export function beforeUri(fileId: number, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: BEFORE_SCHEME, path: `/${path}`, query: String(fileId) });
}

export class BeforeTexts extends SchemeTexts {
  constructor(current: () => FolderWorld | undefined, review: () => Review | undefined) {
    super(BEFORE_SCHEME, (uri) => textBefore(current(), review(), Number(uri.query)));
  }
}

async function textBefore(
  current: FolderWorld | undefined,
  review: Review | undefined,
  fileId: number,
): Promise<string> {
  if (!current || !review) return vscode.l10n.t('The folder is in no world now.');
  const { session } = current;
  const hunks = await review.hunks(fileId);
  const isNew = hunks.some((hunk) => hunk.tag === 'whole' && hunk.change.kind === 'created');
  if (isNew) return '';
  const [first] = hunks;
  // Every hunk was looked at in the same text.
  const file = await readFile(await session.whenOnline(), session.view, fileId, first?.version);
  if (file.kind !== 'text') return vscode.l10n.t('Not a text: {0} bytes.', file.bytes.length);
  const plans = hunks.flatMap((hunk) => (hunk.tag === 'text' ? [hunk.plan] : []));
  const changes = takeBackChanges(
    plans,
    plans.map(() => 'take'),
  );
  return file.text.apply(changes).toString();
}
