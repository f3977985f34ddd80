import type { ChildProcess } from 'node:child_process';
import * as vscode from 'vscode';
import { exitOf, startCommand } from '../../editor/command-line.ts';
import type { Disposable } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { outputLog } from '../../editor/output-log.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';

/** The two scripted agents, in a process of their own that ends with the window. */
export class DemoAgents implements Disposable {
  readonly #surroundings: ExtensionSurroundings;
  readonly #channel: vscode.LogOutputChannel;
  #process: ChildProcess | undefined;

  constructor(surroundings: ExtensionSurroundings, channel: vscode.LogOutputChannel) {
    this.#surroundings = surroundings;
    this.#channel = channel;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** `tour`: one more that writes into the example's first file, which says what goes on. */
  start({ folder }: FolderWorld, kind: 'project' | 'tour' = 'project'): void {
    if (this.#process) return;
    const isTour = kind === 'tour';
    const log = outputLog(this.#channel, 'agents');
    const child = startCommand(
      this.#surroundings,
      ['demo-agents', folder.uri.fsPath, ...(isTour ? ['--tidy', '--tour'] : [])],
      log,
    );
    this.#process = child;
    void setRunning(true);
    if (!isTour) tellWhatTheyDo();
    exitOf(child).then(
      (code) => this.#ended(child, code),
      (error: unknown) => {
        log.error('agents.not_started', { error: String(error) });
        this.#ended(child, 1);
      },
    );
  }

  stop(): void {
    this.#process?.kill('SIGTERM');
  }

  dispose(): void {
    this.stop();
  }

  #ended(child: ChildProcess, code: number): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    void setRunning(false);
    if (code === 0 || child.killed) return;
    void vscode.window.showErrorMessage(
      vscode.l10n.t('The demo agents ended unexpectedly. The output says more.'),
    );
  }
}

function tellWhatTheyDo(): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The demo agents work in this folder: one formats what others change, if the project has Prettier; one keeps the README’s lists true.',
    ),
  );
}

async function setRunning(isRunning: boolean): Promise<void> {
  await vscode.commands.executeCommand('setContext', 'agentWorld.agentsRunning', isRunning);
}
