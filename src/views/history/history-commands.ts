/**
 * Owns: what can be done about points of the history: look, compare, restore. Does not know: the
 * view, playing back, taking back.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { type HistoryEntry, type OpSummary, summaryOf } from '../../core/history-entries.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { readOps } from '../../world/read-ops.ts';
import type { FileHead, Note } from '../../world/world-rows.ts';
import type { RestoredLines } from '../../world/restore-version.ts';
import { type ChangedFile, changedSince } from '../../world/version-at.ts';
import { elapsed } from '../elapsed.ts';
import { selectedLines } from '../selected-lines.ts';
import { withProgress } from '../with-progress.ts';
import type { HistoryNode } from './history-items.ts';
import { numberOf } from './history-tree.ts';
import type { ShownHistory } from './history-tree.ts';
import { checkpointName, whoText } from './history-words.ts';
import { mayWrite } from './may-write.ts';
import { openChanges, openDiff } from './open-changes.ts';
import { checkpointMeant, checkpointsOf, pickVersion } from './pick-version.ts';
import { PLAYBACK_SCHEME } from './playback.ts';
import { askToRestore, restoreAll } from './restore-all.ts';
import { restore, type RestoreOutcome } from './restore-in-editor.ts';
import { type FileVersion, versionOf, versionUri } from './version-texts.ts';

export interface HistoryCommandsOptions {
  readonly surroundings: ExtensionSurroundings;
  readonly shown: () => ShownHistory | undefined;
  /** What is played back, if somebody looks at it. */
  readonly played: () => FileVersion | undefined;
}

/** A point of the world's history, and what it is called. */
interface HistoryPoint {
  readonly opSeq: number;
  readonly name: string;
}

/** The files that are not as they were at a point. */
interface ChangesSince {
  readonly point: HistoryPoint;
  readonly changed: readonly ChangedFile[];
}

/** A row of the view, or what the user asked for with it. */
export interface MeantEntry {
  readonly entry: HistoryEntry;
  readonly newest: OpSummary;
  readonly oldest: OpSummary;
}

export class HistoryCommands {
  readonly #options: HistoryCommandsOptions;

  constructor(options: HistoryCommandsOptions) {
    this.#options = options;
  }

  /** The entry that a row of the view, or an op's number, stands for. */
  meant(argument: unknown): MeantEntry | undefined {
    const list = this.#options.shown()?.list;
    if (typeof argument !== 'string' || !/^(entry|op) \d+$/.test(argument)) return undefined;
    const seq = numberOf(argument as HistoryNode);
    const entry = list?.entryOf(seq);
    if (!entry) return undefined;
    const op = argument.startsWith('op ') ? list?.op(seq) : undefined;
    const ops = op ? [op] : entry.ops;
    return { entry: { ...entry, ops }, newest: ops[0]!, oldest: ops.at(-1)! };
  }

  /** Shows what an entry did to its file. */
  async open(current: FolderWorld, argument: unknown): Promise<void> {
    const meant = this.meant(argument);
    const head = meant && current.session.view.files.get(meant.newest.fileId);
    if (!meant || !head) return;
    const { newest, oldest } = meant;
    if (newest.version === oldest.fromVersion) {
      await vscode.window.showTextDocument(versionUri(newest, head.path), { preview: true });
      return;
    }
    const before = { fileId: head.fileId, version: oldest.fromVersion };
    await openDiff(
      versionUri(before, head.path),
      versionUri(newest, head.path),
      vscode.l10n.t(
        '{0} · {1} · {2}',
        path.posix.basename(head.path),
        whoText(current.session, meant.entry.author),
        elapsed(newest.madeAtMs, this.#nowMs()),
      ),
    );
  }

  /** Shows what one op did, wherever it is told of. */
  async openOp(current: FolderWorld, argument: unknown): Promise<void> {
    const opSeq = (argument as { readonly opSeq?: unknown } | undefined)?.opSeq;
    if (typeof opSeq !== 'number') return;
    const { session } = current;
    const [op] = await readOps(await session.whenOnline(), [opSeq]);
    const head = op && session.view.files.get(op.fileId);
    if (!op || !head) return;
    const { fromVersion, version, madeAtMs } = summaryOf(op);
    const { fileId } = head;
    await openDiff(
      versionUri({ fileId, version: fromVersion }, head.path),
      versionUri({ fileId, version }, head.path),
      vscode.l10n.t(
        '{0} · op {1} · {2} · {3}',
        path.posix.basename(head.path),
        opSeq,
        whoText(session, op.author),
        elapsed(madeAtMs, this.#nowMs()),
      ),
    );
  }

  /** Compares a file as it is with how it was: before an entry, or at a version the user picks. */
  async compare(current: FolderWorld, argument: unknown): Promise<void> {
    const meant = this.meant(argument);
    const head = meant
      ? current.session.view.files.get(meant.newest.fileId)
      : fileMeant(current, argument);
    if (!head) return tellNoFile();
    const title = vscode.l10n.t('Compare {0} with …', path.posix.basename(head.path));
    const chosen = meant
      ? {
          version: meant.newest.version,
          name: vscode.l10n.t('version {0}', meant.newest.version),
        }
      : await pickVersion(current, head.fileId, title, this.#nowMs());
    if (!chosen) return;
    await compareWith(current, head, chosen.version, chosen.name);
  }

  /** Compares all files with how they were at a checkpoint, or after an entry. */
  async compareWorld(current: FolderWorld, argument: unknown): Promise<void> {
    const title = vscode.l10n.t('Compare all files with a checkpoint');
    const since = await this.#changesSince(current, argument, title);
    if (since) await openChangesSince(current, since);
  }

  /** Makes all files what they were at a checkpoint, or after an entry, once the user has agreed. */
  async restoreAllFiles(current: FolderWorld, argument: unknown): Promise<void> {
    if (!mayWrite(current)) return;
    const title = vscode.l10n.t('Restore all files to a checkpoint');
    const since = await this.#changesSince(current, argument, title);
    if (!since) return;
    const { point, changed } = since;
    const answer = await askToRestore(point.name, changed);
    if (answer === 'compare') await openChangesSince(current, since);
    if (answer !== 'restore') return;
    await restoreAll(current, point.name, changed, this.#options.surroundings.randomBytes);
  }

  /** Undefined when no checkpoint was picked, and where nothing has changed, which is told. */
  async #changesSince(
    current: FolderWorld,
    argument: unknown,
    title: string,
  ): Promise<ChangesSince | undefined> {
    const point = this.#pointOf(current, argument) ?? (await this.#pickCheckpoint(current, title));
    if (!point) return undefined;
    const { world, session } = current;
    const changed = await withProgress(
      vscode.l10n.t('Comparing {0} with {1}', world.name, point.name),
      ({ signal }) => changedSince(session, point.opSeq, signal),
    );
    if (changed.length > 0) return { point, changed };
    tell(vscode.l10n.t('All files are as they were at {0}.', point.name));
    return undefined;
  }

  /** Makes a file what it was after an entry, in the text that is looked at, or at a version to pick. */
  async restoreFile(current: FolderWorld, argument: unknown): Promise<void> {
    if (!mayWrite(current)) return;
    const meant = this.meant(argument);
    const looked = meant ? meant.newest : this.#lookedAt();
    const head = looked
      ? current.session.view.files.get(looked.fileId)
      : fileMeant(current, argument);
    if (!head) return tellNoFile();
    const title = vscode.l10n.t('Restore {0} to …', path.posix.basename(head.path));
    const version = looked?.version ?? (await this.#pick(current, head, title));
    if (version === undefined || version === 0) return;
    await this.#restore(current, head, { fileId: head.fileId, version });
  }

  /** Makes lines what they were: those selected in the file, or in a text as it was. */
  async restoreLines(current: FolderWorld): Promise<void> {
    if (!mayWrite(current)) return;
    const editor = vscode.window.activeTextEditor;
    if (!editor) return tellNoFile();
    const then = versionOf(editor.document.uri) ?? this.#playedIn(editor);
    const head = then
      ? current.session.view.files.get(then.fileId)
      : fileMeant(current, editor.document.uri);
    if (!head) return tellNoFile();
    const lines = { ...selectedLines(editor.selection), side: then ? 'then' : 'now' } as const;
    const title = vscode.l10n.t('Restore the selected lines to …');
    const known = then ?? versionBeside();
    const version =
      known?.fileId === head.fileId ? known.version : await this.#pick(current, head, title);
    if (version === undefined || version === 0) return;
    await this.#restore(current, head, { fileId: head.fileId, version }, lines);
  }

  async #pick(current: FolderWorld, head: FileHead, title: string): Promise<number | undefined> {
    return (await pickVersion(current, head.fileId, title, this.#nowMs()))?.version;
  }

  #lookedAt(): FileVersion | undefined {
    const editor = vscode.window.activeTextEditor;
    const shown = editor && (versionOf(editor.document.uri) ?? this.#playedIn(editor));
    return shown ?? versionBeside();
  }

  #playedIn({ document }: vscode.TextEditor): FileVersion | undefined {
    return document.uri.scheme === PLAYBACK_SCHEME ? this.#options.played() : undefined;
  }

  async #restore(
    current: FolderWorld,
    head: FileHead,
    version: FileVersion,
    lines?: RestoredLines,
  ): Promise<void> {
    const { randomBytes } = this.#options.surroundings;
    const outcome = await restore(current, version, randomBytes, lines);
    await this.#tellRestored(current, head, version, outcome);
  }

  async #tellRestored(
    current: FolderWorld,
    { fileId, path: file, version: before }: FileHead,
    { version }: FileVersion,
    outcome: RestoreOutcome,
  ): Promise<void> {
    if (outcome === 'nothing') {
      tell(vscode.l10n.t('Nothing to restore: {0} is as it was there.', file));
      return;
    }
    if (outcome === 'ticketed') {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'Somebody wrote to {0} meanwhile. The restored text waits in “Conflicts” for a decision.',
          file,
        ),
      );
      return;
    }
    const show = vscode.l10n.t('Show What Changed');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        '{0} is restored to version {1}. The history keeps what it was.',
        file,
        version,
      ),
      show,
    );
    const head = current.session.view.files.get(fileId);
    if (answer !== show || !head) return;
    await compareWith(current, head, before, vscode.l10n.t('version {0}', before));
  }

  #pointOf(current: FolderWorld, argument: unknown): HistoryPoint | undefined {
    const checkpoint = checkpointMeant(current, argument);
    if (checkpoint) return { opSeq: checkpoint.noteId, name: checkpoint.text };
    const meant = this.meant(argument);
    if (!meant) return undefined;
    const { opSeq } = meant.newest;
    return { opSeq, name: checkpointName(meant.newest) ?? vscode.l10n.t('op {0}', opSeq) };
  }

  async #pickCheckpoint(
    { session }: FolderWorld,
    title: string,
  ): Promise<HistoryPoint | undefined> {
    const notes = checkpointsOf(session);
    if (notes.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          'There is no checkpoint yet. Set one, or choose this in the menu of an entry of the history.',
        ),
      );
      return undefined;
    }
    const items = notes.map((note) => checkpointItem(note, session, this.#nowMs()));
    const picked = await vscode.window.showQuickPick(items, { title });
    return picked && { opSeq: picked.note.noteId, name: picked.note.text };
  }

  #nowMs(): number {
    return this.#options.surroundings.clock.nowMs();
  }
}

function checkpointItem(note: Note, session: FolderWorld['session'], nowMs: number) {
  const description = `${whoText(session, note.author)} · ${elapsed(note.madeAtMs, nowMs)}`;
  return { label: note.text, description, iconPath: new vscode.ThemeIcon('bookmark'), note };
}

/** The left side of the diff that is looked at, if it is a file as it was. */
function versionBeside(): FileVersion | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff ? versionOf(input.original) : undefined;
}

/** The file of a resource, or of the active editor. */
export function fileMeant(current: FolderWorld, argument: unknown): FileHead | undefined {
  const uri =
    argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (!uri) return undefined;
  const version = versionOf(uri);
  const { view } = current.session;
  if (version) return view.files.get(version.fileId);
  if (uri.scheme !== 'file') return undefined;
  const bound = [...current.documents.all()].find(
    ({ document }) => document.uri.toString() === uri.toString(),
  );
  const relative = path.relative(current.folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');
  return view.fileAt(bound?.path ?? relative);
}

/** The file as it is: the editor's document where it is on disk, else as the world has it. */
export function nowUri({ folder }: FolderWorld, head: FileHead): vscode.Uri {
  if (head.deleted) return versionUri({ fileId: head.fileId, version: 0 }, head.path);
  return vscode.Uri.joinPath(folder.uri, head.path);
}

async function compareWith(
  current: FolderWorld,
  head: FileHead,
  version: number,
  name: string,
): Promise<void> {
  const before = versionUri({ fileId: head.fileId, version }, head.path);
  const title = vscode.l10n.t('{0}: {1} ↔ now', path.posix.basename(head.path), name);
  await openDiff(before, nowUri(current, head), title);
}

async function openChangesSince(
  current: FolderWorld,
  { point, changed }: ChangesSince,
): Promise<void> {
  const title = vscode.l10n.t('{0}: {1} → now', current.world.name, point.name);
  await openChanges(
    title,
    changed.map((file) => comparedNow(current, file)),
  );
}

function comparedNow(current: FolderWorld, { head, versionThen, wasThere }: ChangedFile) {
  const version = wasThere ? versionThen : 0;
  const before = versionUri({ fileId: head.fileId, version }, head.path);
  return {
    label: vscode.Uri.joinPath(current.folder.uri, head.path),
    before,
    after: nowUri(current, head),
  };
}

export function tellNoFile(): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Open a file of this world first: it has a history.'),
  );
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(text);
}
