/**
 * Owns: the texts of a conflict's sides as documents, compared two by two or all three in VS Code's
 * merge editor. Does not know: how the conflict is decided.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Text } from '../../core/text.ts';
import { readTextAt } from '../../editor/bound-document.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { systemCode } from '../../host/host-error.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView, ResolveResult } from '../../editor/refused-edits.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { TicketPart } from '../../core/ticket-texts.ts';
import type { Ticket } from '../../world/world-rows.ts';

const SCHEME = 'agent-world-side';
/** Internal to VS Code, though its own git extension and others use it: it may be gone some day. */
const MERGE_EDITOR = '_open.mergeEditor';

const MARK = '<<<<<<<';

/** The whole file on each side. */
interface Sides {
  readonly base: Text;
  /** What the author made of the base, and what their edit makes of the head. */
  readonly mine: Text;
  readonly mineOnHead: Text;
  readonly head: Text;
}

export interface ConflictSidesOptions {
  /** Folder for the results that the merge editor writes. */
  readonly scratch: string;
  readonly onMerged: (result: ResolveResult, edit: RefusedEditView) => void;
}

export class ConflictSides implements Disposable, vscode.TextDocumentContentProvider {
  readonly #options: ConflictSidesOptions;
  readonly #store = new DisposableStore();
  /** By address, for as long as they are open. */
  readonly #texts = new Map<string, string>();
  #lastNumber = 0;

  constructor(options: ConflictSidesOptions) {
    this.#options = options;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) this.#texts.delete(uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Compares what stands there now with what the edit would make of it. */
  async compare(current: FolderWorld, edit: RefusedEditView): Promise<void> {
    const sides = await readSides(current, edit);
    await vscode.commands.executeCommand(
      'vscode.diff',
      this.#show(edit, 'now', sides.head),
      this.#show(edit, 'proposed', sides.mineOnHead),
      vscode.l10n.t('{0}: now ↔ as {1} proposes', edit.path, whoOf(edit)),
      { preview: true },
    );
  }

  /** Opens the merge editor; where VS Code has none, or there is nothing to merge into, a comparison. */
  async merge(current: FolderWorld, edit: RefusedEditView): Promise<void> {
    const { source } = edit;
    const commands = await vscode.commands.getCommands();
    if (source.tag === 'draft' || !source.part || !commands.includes(MERGE_EDITOR)) {
      await this.compare(current, edit);
      return;
    }
    const sides = await readSides(current, edit);
    const output = await this.#resultFile(edit, sides);
    await vscode.commands.executeCommand(MERGE_EDITOR, {
      base: this.#show(edit, 'base', sides.base),
      input1: {
        uri: this.#show(edit, 'proposed', sides.mine),
        title: whoOf(edit),
        description: vscode.l10n.t('the edit that waits'),
      },
      input2: {
        uri: this.#show(edit, 'now', sides.head),
        title: vscode.l10n.t('Now'),
        description: vscode.l10n.t('what others made of it; save the result to take it'),
      },
      output,
    });
    this.#awaitResult(current, edit, source, sides, output);
  }

  dispose(): void {
    this.#store.dispose();
    this.#texts.clear();
  }

  #show({ path: file }: RefusedEditView, side: string, text: Text): vscode.Uri {
    this.#lastNumber += 1;
    const query = `${side}-${this.#lastNumber}`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${file}`, query });
    this.#texts.set(uri.toString(), text.toString());
    return uri;
  }

  /** Outside of the folder, so that the result is nobody's edit before it is taken. */
  async #resultFile({ path: file }: RefusedEditView, { mine, head }: Sides): Promise<vscode.Uri> {
    await mkdir(this.#options.scratch, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(path.join(this.#options.scratch, 'merge-'));
    const result = path.join(folder, path.basename(file));
    // By these marks the merge editor knows that it shall begin, with what is not disputed.
    const marked = `${MARK}\n${mine.toString()}\n=======\n${head.toString()}\n>>>>>>>\n`;
    await writeFile(result, marked, { mode: 0o600 });
    return vscode.Uri.file(result);
  }

  /**
   * The result is taken when the user saves it, as completing the merge does. What VS Code saves by itself may be
   * half done, or what the merge editor began with.
   */
  #awaitResult(
    current: FolderWorld,
    edit: RefusedEditView,
    { ticket, part }: Extract<RefusedEditView['source'], { tag: 'ticket' }>,
    { base, head }: Sides,
    output: vscode.Uri,
  ): void {
    const waiting = this.#store.add(new DisposableStore());
    const isOutput = (uri: vscode.Uri): boolean => uri.fsPath === output.fsPath;
    const take = async (text: string): Promise<void> => {
      const changes = minimalChanges(head, text);
      this.#options.onMerged(await current.refused.resolveByChanges(ticket, part, changes), edit);
    };
    let isUsers = false;
    waiting.add(
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        if (isOutput(document.uri)) isUsers = reason === vscode.TextDocumentSaveReason.Manual;
      }),
    );
    waiting.add(
      vscode.workspace.onDidSaveTextDocument(async (document) => {
        if (!isOutput(document.uri) || !isUsers) return;
        const text = document.getText().replaceAll('\r\n', '\n');
        if (hasMarks(text)) return;
        waiting.dispose();
        await take(text);
        await removeResult(output);
      }),
    );
    waiting.add(
      vscode.workspace.onDidCloseTextDocument(async ({ uri }) => {
        if (!isOutput(uri)) return;
        waiting.dispose();
        const text = await savedResult(output);
        const isNew = text !== undefined && ![base, head].some((each) => each.toString() === text);
        if (isNew && (await asksToTake(edit))) await take(text);
        await removeResult(output);
      }),
    );
  }
}

function hasMarks(text: string): boolean {
  return text.startsWith(MARK) || text.includes(`\n${MARK}`);
}

/** What VS Code saved of a merge by itself; undefined where that has conflicts, or is not there. */
async function savedResult(output: vscode.Uri): Promise<string | undefined> {
  try {
    const text = (await readFile(output.fsPath, 'utf8')).replaceAll('\r\n', '\n');
    return hasMarks(text) ? undefined : text;
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The merge editor was closed, and nobody has said whether what is in its result is wanted. */
async function asksToTake({ path: file }: RefusedEditView): Promise<boolean> {
  const { t } = vscode.l10n;
  const yes = t('Take the Merged Text');
  const picked = await vscode.window.showInformationMessage(
    t('The merge of {0} was closed and not completed. The conflict stays open.', file),
    yes,
  );
  return picked === yes;
}

async function removeResult(output: vscode.Uri): Promise<void> {
  await rm(path.dirname(output.fsPath), { recursive: true, force: true });
}

function whoOf({ isOwn, authorName }: RefusedEditView): string {
  return isOwn ? vscode.l10n.t('You') : authorName;
}

/** Reads the whole file on each side from the history. Rejects when not connected. */
async function readSides(
  current: FolderWorld,
  { fileId, source }: RefusedEditView,
): Promise<Sides> {
  const { session } = current;
  if (source.tag === 'draft') {
    const { version, changes } = source.draft;
    const { text } = await readTextAt(session, fileId, version);
    const mine = text.apply(changes);
    return { base: text, mine, mineOnHead: mine, head: text };
  }
  const { ticket, part } = source;
  if (part === undefined) return sidesOfWhole(current, ticket);
  return sidesOfPart(current, part);
}

async function sidesOfPart(current: FolderWorld, part: TicketPart): Promise<Sides> {
  const read = async (version: number): Promise<Text> =>
    (await readTextAt(current.session, part.fileId, version)).text;
  const base = await read(part.baseVersion);
  const head = await read(part.headVersion);
  const mine = base.apply(part.proposed);
  return { base, mine, mineOnHead: onHead(part, head) ?? mine, head };
}

function onHead({ changes, proposed }: TicketPart, head: Text): Text | undefined {
  return changes.length > 0 || proposed.length === 0 ? head.apply(changes) : undefined;
}

/** A rename, a delete or the like: the file as it is, and no text in its place. */
async function sidesOfWhole(current: FolderWorld, { fileId, headVersion }: Ticket): Promise<Sides> {
  const { text } = await readTextAt(current.session, fileId, headVersion);
  return { base: text, mine: text, mineOnHead: text, head: text };
}
