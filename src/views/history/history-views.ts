/**
 * Owns: everything of a window that shows history: the list, who wrote each line, playing back,
 * comparing, restoring and taking back. Does not know: other views.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { UNATTRIBUTED } from '../../core/unattributed.ts';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { HistoryFilter } from '../../world/history-reader.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { Coalescer, within } from '../coalescer.ts';
import { identityIn } from '../members/member-commands.ts';
import type { HistoryCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { AuthorshipView } from './authorship-view.ts';
import { selectedLines } from '../selected-lines.ts';
import { fileMeant, HistoryCommands, tellNoFile } from './history-commands.ts';
import { HistoryList } from './history-list.ts';
import { HistoryTree, type ShownHistory } from './history-tree.ts';
import { unattributedText, whoText } from './history-words.ts';
import { checkpointMeant } from './pick-version.ts';
import { Playback } from './playback.ts';
import { readSteps } from './playback-steps.ts';
import { TakeBackCommands } from './take-back-commands.ts';
import { VersionTexts } from './version-texts.ts';

/** The list is brought up to date at most so often while others work. */
const REFRESH_MS = 250;

export class HistoryViews implements ViewPart {
  readonly commands: Readonly<Record<HistoryCommand, Run>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #texts: VersionTexts;
  readonly #tree: HistoryTree;
  readonly #authorship: AuthorshipView;
  readonly #playback: Playback;
  readonly #takeBack: TakeBackCommands;
  readonly #turn = this.#store.add(
    new Coalescer<'newer'>(within(REFRESH_MS), () => this.#readNewer()),
  );
  #entered: DisposableStore | undefined;
  #shown: ShownHistory | undefined;

  constructor(options: ViewPartOptions) {
    const { surroundings, current } = options;
    const nowMs = (): number => surroundings.clock.nowMs();
    this.#options = options;
    this.#texts = this.#store.add(new VersionTexts(current));
    this.#tree = this.#store.add(
      new HistoryTree({ nowMs, onVisible: (isVisible) => this.#seen(isVisible) }),
    );
    this.#authorship = this.#store.add(
      new AuthorshipView({ nowMs, onError: (error) => this.#warn('authorship.not_read', error) }),
    );
    this.#playback = this.#store.add(new Playback(nowMs, options.changeEvents));
    this.#takeBack = this.#store.add(new TakeBackCommands(surroundings));
    const points = new HistoryCommands({
      surroundings,
      shown: () => this.#shown,
      played: () => this.#playback.shownVersion,
    });
    this.commands = this.#historyCommands(points);
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.dispose();
    const entered = new DisposableStore();
    this.#entered = entered;
    this.#authorship.enter(current);
    this.#playback.leave();
    this.#takeBack.leave();
    this.#shown = undefined;
    this.#tree.show(undefined);
    if (!current) return;
    const { view } = current.session;
    const changed = (): void => {
      if (this.#tree.isVisible) this.#turn.mark('newer');
    };
    entered.addStop(view.files.onChange(changed));
    entered.addStop(view.notes.onChange(changed));
    entered.addStop(view.members.onChange(changed));
    entered.addStop(view.tickets.onChange(changed));
    this.#texts.refresh();
    if (this.#tree.isVisible) this.#seen(true);
  }

  dispose(): void {
    this.#entered?.dispose();
    this.#store.dispose();
  }

  #historyCommands(points: HistoryCommands): Record<HistoryCommand, Run> {
    return {
      showHistory: (current) => this.#look(current, {}),
      showFileHistory: (current, argument) => this.#lookAtFile(current, argument),
      showSelectionHistory: (current) => this.#lookAtSelection(current),
      filterHistory: (current, argument) => this.#filter(current, argument),
      showOlderHistory: () => this.#readOlder(),
      openHistoryEntry: (current, argument) => points.open(current, argument),
      openOp: (current, argument) => points.openOp(current, argument),
      compareWithVersion: (current, argument) => points.compare(current, argument),
      compareWorld: (current, argument) => points.compareWorld(current, argument),
      restoreAllFiles: (current, argument) => points.restoreAllFiles(current, argument),
      restoreFile: (current, argument) => points.restoreFile(current, argument),
      restoreLines: (current) => points.restoreLines(current),
      showAuthorship: () => this.#authorship.show(),
      hideAuthorship: () => this.#authorship.hide(),
      playHistory: (current, argument) => this.#play(current, points, argument),
      playbackNext: () => this.#playback.step(1),
      playbackPrevious: () => this.#playback.step(-1),
      playbackPlay: () => this.#playback.play(),
      playbackPause: () => this.#playback.pause(),
      takeBack: (current, argument) => this.#beginTakeBack(current, points, argument),
      openTakeBack: (_, argument) =>
        argument === undefined ? this.#takeBack.openAll() : this.#takeBack.open(argument),
      applyTakeBack: () => this.#takeBack.apply(),
      cancelTakeBack: () => this.#takeBack.end(),
    };
  }

  /** Shows a part of the history in the view, from its newest op. */
  async #look(current: FolderWorld, filter: HistoryFilter): Promise<void> {
    this.#begin(current, filter);
    await vscode.commands.executeCommand('agentWorld.history.focus');
    if (this.#shown?.list.isRead === false) await this.#readOlder();
  }

  #begin(current: FolderWorld, filter: HistoryFilter): void {
    const { session } = current;
    const list = new HistoryList(session, filter);
    this.#shown = { session, list, description: describe(current, filter) };
    this.#tree.show(this.#shown);
    const isWhole = filter.fileId === undefined && filter.author === undefined;
    void vscode.commands.executeCommand('setContext', 'agentWorld.historyFiltered', !isWhole);
  }

  async #lookAtFile(current: FolderWorld, argument: unknown): Promise<void> {
    const head = fileMeant(current, argument);
    if (!head) return tellNoFile();
    await this.#look(current, { fileId: head.fileId });
  }

  async #lookAtSelection(current: FolderWorld): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const bound = editor && current.documents.of(editor.document);
    const positions = bound?.positions;
    if (!editor || bound?.fileId === undefined || !positions) return tellNoFile();
    const range = positions.linesToWorld(selectedLines(editor.selection));
    const { fileId } = bound;
    await this.#look(current, { fileId, lines: { range, version: positions.version } });
  }

  /** Asks whose ops are wanted; a row of the view of members says it at once. */
  async #filter(current: FolderWorld, argument: unknown): Promise<void> {
    const filter = this.#shown?.list.filter ?? {};
    const meant = identityIn(argument);
    if (meant !== undefined) return this.#look(current, { author: meant });
    const { session } = current;
    const everybody = { label: vscode.l10n.t('Everybody'), identity: undefined };
    const members = [...session.view.members.values()].map(({ identity }) => ({
      label: whoText(session, identity),
      identity,
    }));
    const nobodys = {
      label: whoText(session, UNATTRIBUTED.identity),
      description: unattributedText(),
      identity: UNATTRIBUTED.identity,
    };
    const title = vscode.l10n.t('Whose work to show');
    const choices = [everybody, ...members, nobodys];
    const picked = await vscode.window.showQuickPick(choices, { title });
    if (picked) await this.#look(current, { ...filter, author: picked.identity });
  }

  #seen(isVisible: boolean): void {
    const current = this.#options.current();
    if (!isVisible || !current) return;
    if (!this.#shown) this.#begin(current, {});
    if (this.#shown?.list.isRead) this.#turn.mark('newer');
    else void this.#readOlder();
  }

  async #readOlder(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    await vscode.window.withProgress({ location: { viewId: 'agentWorld.history' } }, () =>
      this.#read(shown, () => shown.list.readOlder()),
    );
  }

  #readNewer(): void {
    const shown = this.#shown;
    if (shown && this.#tree.isVisible) void this.#read(shown, () => shown.list.readNewer());
  }

  /** What cannot be read because the connection ended is read when it is back and something changes. */
  async #read(shown: ShownHistory, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof LinkFailure)) throw error;
      this.#warn('history.not_read', error);
    }
    if (shown === this.#shown) this.#tree.show(shown);
  }

  async #play(current: FolderWorld, points: HistoryCommands, argument: unknown): Promise<void> {
    const meant = points.meant(argument);
    const { session } = current;
    const head = meant ? session.view.files.get(meant.newest.fileId) : fileMeant(current, argument);
    if (!head) return tellNoFile();
    if (head.kind !== 'text') {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          '{0} is no text: its history can be listed and restored, but not played.',
          head.path,
        ),
      );
      return;
    }
    const steps = await readSteps(session, head.fileId, head.version);
    if (steps.steps.length === 0) return tellNoFile();
    // From the entry that was meant on, or from the start.
    const from = meant
      ? steps.steps.findIndex(({ entry }) => entry.ops[0]!.version >= meant.oldest.version)
      : 0;
    await this.#playback.open(session, head.path, steps, from + 1);
  }

  async #beginTakeBack(
    current: FolderWorld,
    points: HistoryCommands,
    argument: unknown,
  ): Promise<void> {
    const meant = points.meant(argument);
    const member = identityIn(argument);
    const checkpoint = checkpointMeant(current, argument);
    await this.#takeBack.begin(current, {
      ...(meant && { member: meant.entry.author, sinceSeq: meant.oldest.opSeq - 1 }),
      ...(member !== undefined && { member }),
      ...(checkpoint && { sinceSeq: checkpoint.noteId }),
    });
  }

  #warn(event: string, error: unknown): void {
    this.#options.surroundings.log.warn(event, { error: String(error) });
  }
}

function describe(current: FolderWorld, { fileId, lines, author }: HistoryFilter): string {
  const { session, world } = current;
  const head = fileId === undefined ? undefined : session.view.files.get(fileId);
  const where = head ? path.posix.basename(head.path) : world.name;
  const { firstLine, lastLine } = lines?.range ?? { firstLine: 0, lastLine: 0 };
  const part = lines
    ? vscode.l10n.t('{0}, lines {1}–{2}', where, firstLine + 1, lastLine + 1)
    : where;
  return author === undefined ? part : `${part} · ${whoText(session, author)}`;
}
