/**
 * Owns: what the place where a prompt is written offers and holds: the client's commands, files of the world, and what
 * is put along with the next prompt. Does not know: how the page shows it.
 */
import { l10n } from 'vscode';
import type { AgentRun, PromptFile } from '../../acp/agent-run.ts';
import { AttachedFiles, fileLabel, pickFiles } from './attached-files.ts';
import type { FromPage, ShownCommand, ToPage } from './shown-run.ts';

export interface PromptBoxParts {
  readonly post: (message: ToPage) => void;
  readonly run: () => AgentRun | undefined;
  /** What is selected in the editor, in a file of the agent's world. */
  readonly selection: () => PromptFile | undefined;
}

export class PromptBox {
  readonly #parts: PromptBoxParts;
  readonly #attached = new AttachedFiles();
  #sent: readonly ShownCommand[] | undefined;

  constructor(parts: PromptBoxParts) {
    this.#parts = parts;
  }

  /** The page is new. */
  sendWhole(): void {
    this.#sent = undefined;
    this.sendCommands();
    this.#sendAttached();
  }

  /** Where they are others than before. */
  sendCommands(): void {
    const commands = this.#parts.run()?.about.commands ?? [];
    if (commands === this.#sent) return;
    this.#sent = commands;
    this.#parts.post({ tag: 'commands', commands });
  }

  /** What was put along with a prompt that is sent now. */
  take(): readonly PromptFile[] {
    const files = this.#attached.take();
    this.#sendAttached();
    return files;
  }

  heard(message: FromPage): void {
    const { post, run, selection } = this.#parts;
    switch (message.tag) {
      case 'find': {
        const paths = run()?.findFiles(message.text, MOST_FOUND) ?? [];
        const selected = selection();
        const label = selected ? fileLabel(selected) : '';
        post({ tag: 'found', number: message.number, paths, selection: label });
        return;
      }
      case 'attach':
        this.#attach([{ path: message.path }]);
        return;
      case 'attachSelection': {
        const selected = selection();
        if (selected) this.#attach([selected]);
        else this.#say(l10n.t('Nothing is selected in a file of its world.'));
        return;
      }
      case 'attachFiles':
        void this.#pick();
        return;
      case 'detach':
        this.#attached.remove(message.index);
        this.#sendAttached();
        return;
      default:
    }
  }

  async #pick(): Promise<void> {
    const paths = this.#parts.run()?.findFiles('', MOST_PICKED) ?? [];
    const picked = await pickFiles(paths);
    this.#attach((picked ?? []).map((path) => ({ path })));
  }

  #attach(files: readonly PromptFile[]): void {
    const added = files.filter((file) => this.#attached.add(file)).map(fileLabel);
    if (added.length === 0) return;
    this.#sendAttached();
    this.#say(l10n.t('Put along: {0}', added.join('; ')));
  }

  #sendAttached(): void {
    this.#parts.post({ tag: 'attached', labels: this.#attached.labels });
  }

  #say(text: string): void {
    this.#parts.post({ tag: 'say', text, isUrgent: false });
  }
}

const MOST_FOUND = 20;
const MOST_PICKED = 5_000;
