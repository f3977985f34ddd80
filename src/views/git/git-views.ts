/**
 * Owns: the commands that take a world out into git and bring commits in. Does not know: how that is
 * done, which a command beside the extension host does.
 */
import * as vscode from 'vscode';
import { branchOf } from '../../git/branch-name.ts';
import type { BringInReport } from '../../git/bring-in.ts';
import type { ExportReport } from '../../git/export-world.ts';
import {
  blocking,
  findByRails,
  type RailFinding,
  type RailSettings,
  told,
} from '../../git/guard-rails.ts';
import type { ExportPreview } from '../../git/preview-export.ts';
import { Repository } from '../../git/repository.ts';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { GitCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { allowUnreviewed } from './ask-review.ts';
import { afterExport, type MadeExport } from './after-export.ts';
import {
  closeExport,
  type ExportEditors,
  messageOf,
  type OpenExport,
  openExport,
} from './export-dialog.ts';
import { MemoryFiles } from './memory-files.ts';
import { pickBase, pickMode } from './pickers.ts';
import { exportRule } from '../../world/export-rule.ts';
import { type UnreviewedPath, unreviewedWork } from '../../review/export-review.ts';
import { readRails } from './rail-settings.ts';
import { CommandFailure, runCommand } from '../run-command.ts';

export class GitViews implements ViewPart {
  readonly commands: Readonly<Record<GitCommand, Run>> = {
    exportToGit: (current) => this.#export(current),
    commitExport: () => this.#commit(),
    bringInFromGit: (current) => this.#bringIn(current),
  };
  readonly #surroundings: ExtensionSurroundings;
  readonly #store = new DisposableStore();
  readonly #trees = this.#store.add(new MemoryFiles('agent-world-tree', { isReadonly: true }));
  readonly #messages = this.#store.add(
    new MemoryFiles('agent-world-message', { isReadonly: false }),
  );
  #open: (ExportEditors & { readonly open: OpenExport }) | undefined;

  constructor({ surroundings, changeEvents }: ViewPartOptions) {
    this.#surroundings = surroundings;
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.#open?.document) void this.#forget();
      }),
    );
    this.#store.add(
      changeEvents.listen(({ document }) => {
        if (this.#open?.document === document) keepMessage(this.#open);
      }),
    );
  }

  enter(current: FolderWorld | undefined): void {
    if (this.#open && this.#open.open.current !== current) void this.#forget();
  }

  dispose(): void {
    this.#open?.hint.dispose();
    this.#store.dispose();
  }

  async #export(current: FolderWorld): Promise<void> {
    const folder = current.folder.uri.fsPath;
    if (!(await Repository.find(folder))) {
      await this.#makeRepository(current);
      return;
    }
    const mode = await pickMode();
    if (mode === undefined) return;
    const branch = branchOf(current.session.workspace?.name ?? current.world.name);
    const args = ['export', folder, '--by', mode, '--branch', branch, '--preview'];
    const title = vscode.l10n.t('Preparing the export of {0}', current.world.name);
    const found = await this.#run<Previewed>(title, args);
    if (!found) return;
    const { preview } = found;
    if (preview.commits.length === 0) {
      tellNothing(preview);
      return;
    }
    const rails = readRails();
    const { all, unreviewed } = await this.#findings(current, found, rails);
    const allowed = await allowUnreviewed(current.session, unreviewed);
    if (allowed === undefined) return;
    const findings = told(all, rails);
    const kept = (await current.typed.read(messageField(branch)))?.text;
    const written = kept === undefined || kept === '' ? {} : { written: kept };
    const open = { current, mode, branch, preview, findings, rails, allowed, ...written };
    const files = { trees: this.#trees, messages: this.#messages };
    this.#open?.hint.dispose();
    this.#open = { open, ...(await openExport(open, files)) };
    await vscode.commands.executeCommand('setContext', 'agentWorld.exporting', true);
  }

  /** What the window knows now; what lies outside, and keys, as the preview found them. */
  async #findings(
    current: FolderWorld,
    { preview, findings }: Previewed,
    rails: RailSettings,
  ): Promise<WindowFindings> {
    const { session } = current;
    const isAsked = rails.reviews !== 'off' || exportRule(session) === 'reviewed';
    const unreviewed = isAsked ? (await unreviewedWork(session, preview.upTo)).files : [];
    const outside = findings.filter(({ rail }) => rail === 'outside');
    const own = await findByRails({
      session,
      folder: '',
      secrets: preview.secrets,
      // The preview found those, too.
      replacedLinks: [],
      unsent: unsentIn(current),
      drafts: draftsIn(current),
      unreviewed: rails.reviews === 'off' ? [] : unreviewed,
    });
    return { all: [...own, ...outside], unreviewed };
  }

  async #commit(): Promise<void> {
    if (!this.#open) return;
    const { open, document } = this.#open;
    const { current, mode, branch, preview } = open;
    const rails = readRails();
    const outside = open.findings.filter(({ rail }) => rail === 'outside');
    const { all, unreviewed } = await this.#findings(
      current,
      { preview, findings: outside },
      rails,
    );
    const blockers = blocking(all, rails);
    if (blockers.length > 0) {
      await tellBlocked(blockers);
      return;
    }
    const allowed = await allowUnreviewed(current.session, unreviewed, open.allowed);
    if (allowed === undefined) return;
    const message = messageOf(document, open);
    const args = ['export', current.folder.uri.fsPath, '--by', mode, '--branch', branch];
    // What was allowed once is: others may have changed it since, and the world still counts it.
    const chosen = choiceOf(preview, Math.max(allowed, open.allowed));
    const title = vscode.l10n.t('Committing to {0}', branch);
    const report = await this.#run<ExportReport>(
      title,
      [...args, ...chosen, '--message-file', '-'],
      message,
    );
    if (!report) return;
    await closeExport(document, open);
    await this.#forget();
    current.typed.forget(messageField(branch));
    await this.#after({ current, report, parent: preview.parents[0] });
  }

  #after(made: MadeExport): Promise<void> {
    return afterExport(made, { trees: this.#trees, run: (title, args) => this.#run(title, args) });
  }

  /** There is nothing yet to compare with: what is known of its first commit is told in the question. */
  async #makeRepository(current: FolderWorld): Promise<void> {
    const args = ['export', current.folder.uri.fsPath, '--init'];
    const preparing = vscode.l10n.t('Preparing the export of {0}', current.world.name);
    const found = await this.#run<Previewed>(preparing, [...args, '--preview']);
    if (!found) return;
    const make = vscode.l10n.t('Make a Repository');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('{0} is in no git repository. Make one of it?', current.folder.name),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Its first commit is what the world is now: {0} files.',
          found.preview.changes.length,
        ),
      },
      make,
    );
    if (answer !== make) return;
    const rails = readRails();
    const { all, unreviewed } = await this.#findings(current, found, rails);
    const blockers = blocking(all, rails);
    if (blockers.length > 0) {
      await tellBlocked(blockers);
      return;
    }
    const allowed = await allowUnreviewed(current.session, unreviewed);
    if (allowed === undefined) return;
    const title = vscode.l10n.t('Making a repository of {0}', current.folder.name);
    const chosen = choiceOf(found.preview, allowed);
    const report = await this.#run<ExportReport>(title, [...args, ...chosen]);
    if (report) await this.#after({ current, report, parent: undefined });
  }

  async #bringIn(current: FolderWorld): Promise<void> {
    const folder = current.folder.uri.fsPath;
    const repository = await Repository.find(folder);
    if (!repository) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} is in no git repository.', current.folder.name),
      );
      return;
    }
    const commit = await pickBase(repository, current.session.workspace?.baseCommit);
    if (commit === undefined) return;
    const title = vscode.l10n.t('Bringing in what was pushed');
    const report = await this.#run<BringInReport>(title, ['upstream', commit, '--in', folder]);
    if (report) await tellBroughtIn(report);
  }

  async #run<Result>(
    title: string,
    args: readonly string[],
    input?: string,
  ): Promise<Result | undefined> {
    const location = vscode.ProgressLocation.Notification;
    try {
      return await vscode.window.withProgress(
        { location, title, cancellable: true },
        (_progress, token) => runCommand<Result>(this.#surroundings, args, token, { input }),
      );
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      void vscode.window.showErrorMessage(error.message);
      return undefined;
    }
  }

  async #forget(): Promise<void> {
    this.#open?.hint.dispose();
    this.#open = undefined;
    this.#trees.clear();
    await vscode.commands.executeCommand('setContext', 'agentWorld.exporting', false);
  }
}

/** What was written for a commit that is not made is there when the export is begun again. */
function keepMessage({ document, open }: ExportEditors & { readonly open: OpenExport }): void {
  open.current.typed.keep(messageField(open.branch), () => messageOf(document, open));
}

function messageField(branch: string): string {
  return `export ${branch}`;
}

interface Previewed {
  readonly preview: ExportPreview;
  readonly findings: readonly RailFinding[];
}

interface WindowFindings {
  readonly all: readonly RailFinding[];
  readonly unreviewed: readonly UnreviewedPath[];
}

/** What was seen, and what the user wants exported that nobody looked at. */
function choiceOf({ upTo }: ExportPreview, allowed: number): readonly string[] {
  const chosen = ['--up-to', String(upTo), '--allow', ALL_RAILS];
  return allowed > 0 ? [...chosen, '--unreviewed'] : chosen;
}

/** This window has asked by its own settings. */
const ALL_RAILS = 'tickets,claims,outside,secrets';

function unsentIn({ documents }: FolderWorld): readonly string[] {
  return [...documents.all()]
    .filter(({ binding }) => binding?.isSettled === false)
    .map(({ path }) => path);
}

function draftsIn({ refused }: FolderWorld): readonly string[] {
  return refused
    .all()
    .filter(({ source }) => source.tag === 'draft')
    .map(({ path }) => path);
}

function tellNothing({ last }: ExportPreview): void {
  void vscode.window.showInformationMessage(
    last
      ? vscode.l10n.t('Nothing new: {0} on {1} has it all.', last.commit.slice(0, 12), last.branch)
      : vscode.l10n.t('Nothing to export: the world is as the commit that it came from.'),
  );
}

async function tellBlocked(blockers: readonly RailFinding[]): Promise<void> {
  const conflicts = vscode.l10n.t('Show Conflicts');
  const settings = vscode.l10n.t('Open Settings');
  const hasTickets = blockers.some(({ rail }) => rail === 'tickets');
  const places = [...new Set(blockers.map(({ path }) => path))].slice(0, 3).join(', ');
  const answer = await vscode.window.showWarningMessage(
    blockers.length === 1
      ? vscode.l10n.t(
          'Not exported: one thing is to be settled first, or allowed in the settings ({0}).',
          places,
        )
      : vscode.l10n.t(
          'Not exported: {0} things are to be settled first, or allowed in the settings ({1}).',
          blockers.length,
          places,
        ),
    ...(hasTickets ? [conflicts] : []),
    settings,
  );
  if (answer === conflicts) await vscode.commands.executeCommand('agentWorld.openConflictPanel');
  if (answer === settings) {
    await vscode.commands.executeCommand(
      'workbench.action.openSettings',
      'agentWorld.export.guardRails',
    );
  }
}

async function tellBroughtIn({ from, to, changed, disputed }: BringInReport): Promise<void> {
  if (from === to) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing new: the world stands on {0} already.', to.slice(0, 12)),
    );
    return;
  }
  const show = vscode.l10n.t('Show Conflicts');
  const message = vscode.l10n.t(
    'The world stands on {0} now: {1} files changed, {2} conflicts wait for a decision.',
    to.slice(0, 12),
    changed.length,
    disputed.length,
  );
  const answer = await vscode.window.showInformationMessage(
    message,
    ...(disputed.length > 0 ? [show] : []),
  );
  if (answer === show) await vscode.commands.executeCommand('agentWorld.openConflictPanel');
}
