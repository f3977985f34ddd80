import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type * as vscode from 'vscode';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import type { DelayProxy } from '../../harness/delay-proxy.ts';
import type { Probe, ProbeFunction } from './probe.ts';

/** How long a condition may take on a loaded machine before a test gives up. */
const DEADLINE_MS = 60_000;

export interface TypingOptions {
  /** At most this many keys a second; unlimited when left out. */
  readonly keysPerSecond?: number;
}

export interface WindowParts {
  readonly page: Page;
  readonly folder: string;
  readonly probe: Probe;
  readonly proxy: DelayProxy;
}

/** What is read of an editor line's element in the page. */
interface ShownLine {
  readonly style: { readonly top: string };
  readonly textContent: string;
}

interface ShownPage {
  readonly document: { querySelectorAll(selector: string): Iterable<object> };
  getComputedStyle(element: object, pseudo: string): { readonly content: string };
}

/** What VS Code offers its own tests on the page. */
interface SmokeTestDriver {
  readonly driver: { whenWorkbenchRestored(): Promise<void> };
}

/** One VS Code window: real keys and pictures through its page, everything else through its extension host. */
export class EditorWindow {
  readonly page: Page;
  readonly folder: string;
  /** The leg between renderer and extension host: set `delayMs`, or break it with `disconnectAll`. */
  readonly extensionHostLeg: DelayProxy;
  readonly #probe: Probe;

  constructor({ page, folder, probe, proxy }: WindowParts) {
    this.page = page;
    this.folder = folder;
    this.extensionHostLeg = proxy;
    this.#probe = probe;
  }

  /**
   * Resolves when the workbench is as it was left and the extension host runs; `extensionsRun` is called when that
   * does.
   */
  async ready(extensionsRun?: () => Promise<void>): Promise<void> {
    await this.page.waitForSelector('.monaco-workbench', { timeout: DEADLINE_MS });
    await this.#probe.ready(DEADLINE_MS);
    await extensionsRun?.();
    // A view that is asked for before gives way to the one that was open when the window was closed.
    await this.page.evaluate(async () => {
      const { driver } = globalThis as unknown as SmokeTestDriver;
      await driver.whenWorkbenchRestored();
    });
  }

  /** Runs a function in the extension host. It sees only its parameters; the result travels as JSON. */
  async evaluate<Result>(run: ProbeFunction<undefined, Result>): Promise<Awaited<Result>>;
  async evaluate<Argument extends object | string | number | boolean, Result>(
    run: ProbeFunction<Argument, Result>,
    argument: Argument,
  ): Promise<Awaited<Result>>;
  async evaluate(run: ProbeFunction<never, unknown>, argument?: unknown): Promise<unknown> {
    return this.#probe.evaluate(run as ProbeFunction<undefined, unknown>, argument as undefined);
  }

  /** Waits until a function in the extension host gives something truthy, and returns that. */
  async waitFor<Argument extends object | string | number | boolean, Result>(
    run: ProbeFunction<Argument, Result>,
    argument: Argument,
    timeoutMs = DEADLINE_MS,
  ): Promise<NonNullable<Awaited<Result>>> {
    return this.#probe.waitFor(run, argument, timeoutMs);
  }

  /** Runs a command by its id and returns its result, if JSON can carry it. */
  async command(id: string, ...args: readonly unknown[]): Promise<unknown> {
    try {
      return await this.evaluate(
        (vscode, { id, args }) => vscode.commands.executeCommand(id, ...args),
        { id, args },
      );
    } catch (error) {
      const question = await this.#question();
      throw question === '' ? error : new Error(`The window asks: ${question}`, { cause: error });
    }
  }

  /** What a list, a box or a dialog asks, which waits for somebody to answer. */
  async #question(): Promise<string> {
    const asked = this.page.locator('.quick-input-widget:visible, .monaco-dialog-box:visible');
    const texts = await asked.allInnerTexts().catch(() => []);
    return texts.join(' ').replaceAll(/\s+/g, ' ').trim();
  }

  /** Runs a command as a user does: by its title, in the command palette. */
  async runFromPalette(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    // Keys that come before the box has the keyboard would go to the editor behind it.
    await this.page.locator('.quick-input-widget input:focus').waitFor({ timeout: DEADLINE_MS });
    await this.page.keyboard.type(title);
    const row = this.page.locator('.quick-input-list .monaco-list-row.focused');
    await row.filter({ hasText: title }).waitFor({ timeout: DEADLINE_MS });
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the folder in an editor that stays, and gives it the keyboard. */
  async openFile(file: string): Promise<void> {
    await this.evaluate(async (vscode, fsPath) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(fsPath));
      await vscode.window.showTextDocument(document, { preview: false });
    }, this.#resolve(file));
    const name = path.basename(file);
    await this.page
      .locator('.editor-group-container.active .tab.active')
      .filter({ hasText: name })
      .waitFor({ timeout: DEADLINE_MS });
    await this.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
  }

  /**
   * Closes all editors. A file is on disk before VS Code is done with its save, and until then it would ask
   * whether to save, and not close.
   */
  async closeAllEditors(): Promise<void> {
    await this.waitFor(
      ({ workspace }) => workspace.textDocuments.every((open) => !open.isDirty),
      '',
    );
    await this.command('workbench.action.closeAllEditors');
  }

  /** Puts the cursor of the active editor at a place; both count from 0. */
  async placeCursor(line: number, character: number): Promise<void> {
    await this.evaluate(
      async (vscode, { line, character }) => {
        const editor = vscode.window.activeTextEditor;
        if (!editor) throw new Error('no active editor');
        const place = new vscode.Position(line, character);
        // Unlike an assignment to `selection`, this resolves once the renderer has done it: a cursor that
        // is moved later would tear apart what is typed meanwhile.
        await vscode.window.showTextDocument(editor.document, {
          viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active,
          preview: false,
          selection: new vscode.Selection(place, place),
        });
      },
      { line, character },
    );
    await this.waitForCursor(line, character);
  }

  /** Waits until the renderer shows the cursor there, as the status bar tells. */
  async waitForCursor(line: number, character: number): Promise<void> {
    await this.page
      .locator('#status\\.editor\\.selection')
      .filter({ hasText: `Ln ${line + 1}, Col ${character + 1}` })
      .waitFor({ timeout: DEADLINE_MS });
  }

  /** Presses the keys of `text`, one after the other, in whatever has the keyboard. */
  async type(text: string, { keysPerSecond = Infinity }: TypingOptions = {}): Promise<void> {
    const startedMs = performance.now();
    let typed = 0;
    for (const character of text) {
      const dueMs = startedMs + (typed * 1000) / keysPerSecond;
      const aheadMs = dueMs - performance.now();
      if (aheadMs > 0) await delay(aheadMs);
      await this.page.keyboard.type(character);
      typed += 1;
    }
  }

  /** The text of an open document, by default the active editor's, as the extension host has it. */
  async editorText(file?: string): Promise<string> {
    return this.evaluate(
      (vscode, fsPath) => {
        const document =
          fsPath === ''
            ? vscode.window.activeTextEditor?.document
            : vscode.workspace.textDocuments.find((open) => open.uri.fsPath === fsPath);
        if (!document) throw new Error(`not open: ${fsPath || 'any editor'}`);
        return document.getText();
      },
      file === undefined ? '' : this.#resolve(file),
    );
  }

  /** Waits until an open document has exactly this text. */
  async waitForText(file: string, text: string, timeoutMs = DEADLINE_MS): Promise<void> {
    const isThere = (api: typeof vscode, wanted: { fsPath: string; text: string }): boolean => {
      const { textDocuments } = api.workspace;
      const document = textDocuments.find((open) => open.uri.fsPath === wanted.fsPath);
      return document?.getText() === wanted.text;
    };
    try {
      await this.waitFor(isThere, { fsPath: this.#resolve(file), text }, timeoutMs);
    } catch (error) {
      assert.equal(await this.editorText(file), text, `${file} after ${timeoutMs} ms`);
      throw error;
    }
  }

  /** The lines that the renderer shows in the active editor, those scrolled out of sight left out. */
  async visibleLines(): Promise<readonly string[]> {
    const lines = this.page.locator('.editor-group-container.active .view-lines .view-line');
    const shown = await lines.evaluateAll((elements: ShownLine[]) =>
      elements.map(({ style, textContent }) => ({
        top: Number.parseFloat(style.top),
        textContent,
      })),
    );
    return shown
      .sort((one, other) => one.top - other.top)
      .map(({ textContent }) => textContent.replaceAll('\u00a0', ' '));
  }

  /**
   * Waits until an editor shows a text that decorations put there: it is generated content, which no
   * selector finds.
   */
  async waitForDecoration(text: string): Promise<void> {
    const shows = (wanted: string): boolean => {
      const page = globalThis as unknown as ShownPage;
      const spans = [...page.document.querySelectorAll('.view-line span')];
      return spans.some((span) => page.getComputedStyle(span, '::after').content.includes(wanted));
    };
    await this.page.waitForFunction(shows, text, { timeout: DEADLINE_MS });
  }

  /** Keeps a picture of the window in `test-results/`. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(projectRoot, 'test-results', `${name}.png`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  /** Loads the window again, as F5 in a browser does, and waits for its new extension host. */
  async reload(): Promise<void> {
    await Promise.all([this.#probe.nextDetach(DEADLINE_MS), this.page.reload()]);
    await this.ready();
  }

  /** As its user does: VS Code keeps first which tabs there are, as a window that is closed on a desktop does. */
  async reloadByCommand(): Promise<void> {
    const detached = this.#probe.nextDetach(DEADLINE_MS);
    await Promise.all([detached, this.runFromPalette('Developer: Reload Window')]);
    await this.ready();
  }

  /** The extension host ends the hard way, and the window is loaded again. */
  async killAndReload(): Promise<void> {
    const pid = await this.evaluate(() => process.pid);
    const detached = this.#probe.nextDetach(DEADLINE_MS);
    process.kill(pid, 'SIGKILL');
    await detached;
    await this.page.reload();
    await this.ready();
  }

  async close(): Promise<void> {
    await this.page.close();
    await this.extensionHostLeg.close();
  }

  #resolve(file: string): string {
    return path.resolve(this.folder, file);
  }
}
