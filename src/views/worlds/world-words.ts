import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { EMBEDDED } from '../../world/identities.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import type { WorldSize } from '../../world/world-sizes.ts';
import { describeServer } from '../../world/server-request.ts';
import { byteText } from './byte-text.ts';

export function serverText(server: string): string {
  return server === EMBEDDED ? vscode.l10n.t('this machine') : describeServer(server);
}

/** A folder as people write it: below their own as `~/notes`. */
export function folderText(folder: string, home = homedir()): string {
  return folder === home || folder.startsWith(`${home}/`)
    ? `~${folder.slice(home.length)}`
    : folder;
}

/** For instance `1.2 MB · 1,204 ops`. */
export function sizeText({ bytes, ops }: WorldSize): string {
  const count = vscode.l10n.t('{0} ops', ops.toLocaleString(vscode.env.language));
  return bytes === undefined ? count : `${byteText(bytes)} · ${count}`;
}

/** For instance `+3 MB, +120 ops in 6 d`; empty while nothing earlier is known. */
export function growthText({ atMs, grown }: WorldSize): string {
  if (grown === undefined) return '';
  const hours = Math.max(1, Math.round((atMs - grown.sinceMs) / HOUR_MS));
  const span =
    hours < 48 ? vscode.l10n.t('{0} h', hours) : vscode.l10n.t('{0} d', Math.round(hours / 24));
  const ops = vscode.l10n.t('{0} ops', signed(grown.ops, String(Math.abs(grown.ops))));
  if (grown.bytes === undefined) return vscode.l10n.t('{0} in {1}', ops, span);
  const bytes = signed(grown.bytes, byteText(Math.abs(grown.bytes)));
  return vscode.l10n.t('{0}, {1} in {2}', bytes, ops, span);
}

/** What is special about a world; empty for most. */
export function remarkText({ movedTo, isReady }: KnownWorld): string {
  if (movedTo) return vscode.l10n.t('moved to {0}', serverText(movedTo.server));
  return isReady ? '' : vscode.l10n.t('unfinished');
}

const HOUR_MS = 3_600_000;

function signed(value: number, text: string): string {
  return value < 0 ? `−${text}` : `+${text}`;
}
