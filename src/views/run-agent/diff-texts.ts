/** Owns: both texts of a change that an agent proposes or made, as documents that nobody can edit. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { ToolDiff } from '../../acp/agent-run.ts';
import type { Disposable } from '../../editor/disposable-store.ts';
import { SchemeTexts } from '../scheme-texts.ts';

const SCHEME = 'agent-world-run';

export class DiffTexts implements Disposable {
  readonly #texts: SchemeTexts;
  /** By number; the oldest goes when there are too many. */
  readonly #diffs = new Map<number, ToolDiff>();
  #last = 0;

  constructor() {
    this.#texts = new SchemeTexts(SCHEME, ({ query }) => {
      const [number = '', side] = query.split('/');
      const diff = this.#diffs.get(Number(number));
      return Promise.resolve((side === 'before' ? diff?.oldText : diff?.newText) ?? '');
    });
  }

  addressesOf(diff: ToolDiff): readonly [before: vscode.Uri, after: vscode.Uri] {
    const number = ++this.#last;
    this.#diffs.set(number, diff);
    if (this.#diffs.size > MOST_DIFFS) this.#diffs.delete(number - MOST_DIFFS);
    // The name's ending says which language it is.
    const name = `/${path.basename(diff.file) || 'text'}`;
    const at = (side: string): vscode.Uri =>
      vscode.Uri.from({ scheme: SCHEME, path: name, query: `${number}/${side}` });
    return [at('before'), at('after')];
  }

  dispose(): void {
    this.#texts.dispose();
  }
}

const MOST_DIFFS = 50;
