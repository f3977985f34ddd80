import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { fileVersionAt } from '../../world/version-at.ts';
import { memberName } from '../../world/member-name.ts';
import type { Note } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { elapsed } from '../elapsed.ts';
import { HistoryList } from './history-list.ts';
import { whatText, whoText } from './history-words.ts';

/** A point of a file's history that somebody chose. */
export interface ChosenVersion {
  readonly version: number;
  /** What it is called in titles. */
  readonly name: string;
}

interface VersionChoice extends vscode.QuickPickItem {
  readonly choose?: () => Promise<ChosenVersion> | ChosenVersion;
}

/** A world's checkpoints, the newest first. */
export function checkpointsOf({ view }: WorldSession): readonly Note[] {
  return [...view.notes.values()]
    .filter(({ kind }) => kind === 'checkpoint')
    .sort((a, b) => b.noteId - a.noteId);
}

/** The checkpoint that a row of the view of checkpoints stands for. */
export function checkpointMeant({ session }: FolderWorld, argument: unknown): Note | undefined {
  const number =
    typeof argument === 'string' ? /^checkpoint (\d+)$/.exec(argument)?.[1] : undefined;
  return number === undefined ? undefined : session.view.notes.get(Number(number));
}

/** Asks for an earlier version of a file: a checkpoint, or before something that was done to it. */
export async function pickVersion(
  current: FolderWorld,
  fileId: number,
  title: string,
  nowMs: number,
): Promise<ChosenVersion | undefined> {
  const choices = choicesOf(current.session, fileId, nowMs);
  const placeHolder = vscode.l10n.t('A checkpoint, or an earlier version');
  const picked = await vscode.window.showQuickPick(choices, {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  return picked?.choose?.();
}

async function choicesOf(
  session: WorldSession,
  fileId: number,
  nowMs: number,
): Promise<VersionChoice[]> {
  const list = new HistoryList(session, { fileId });
  await list.readOlder();
  const versions = list.entries
    .filter(({ ops }) => ops.at(-1)!.fromVersion < ops[0]!.version && ops.at(-1)!.fromVersion > 0)
    .map((entry): VersionChoice => {
      const version = entry.ops.at(-1)!.fromVersion;
      return {
        label: vscode.l10n.t(
          'Before {0} {1}',
          whoText(session, entry.author),
          whatText(session, entry),
        ),
        description: vscode.l10n.t(
          'version {0} · {1}',
          version,
          elapsed(entry.ops[0]!.madeAtMs, nowMs),
        ),
        iconPath: new vscode.ThemeIcon('history'),
        choose: () => ({ version, name: vscode.l10n.t('version {0}', version) }),
      };
    });
  const checkpoints = checkpointsOf(session)
    .filter(({ noteId }) => noteId > fileId)
    .map((note) => checkpointChoice(session, fileId, note, nowMs));
  return [
    ...withHeading(vscode.l10n.t('Checkpoints'), checkpoints),
    ...withHeading(vscode.l10n.t('Versions'), versions),
  ];
}

function withHeading(label: string, choices: readonly VersionChoice[]): VersionChoice[] {
  if (choices.length === 0) return [];
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}

function checkpointChoice(
  session: WorldSession,
  fileId: number,
  { noteId, text, author, madeAtMs }: Note,
  nowMs: number,
): VersionChoice {
  return {
    label: text,
    description: `${memberName(session.view, author)} · ${elapsed(madeAtMs, nowMs)}`,
    iconPath: new vscode.ThemeIcon('bookmark'),
    choose: async () => {
      const link = await session.whenOnline();
      return { version: await fileVersionAt(link, session.view, fileId, noteId), name: text };
    },
  };
}
