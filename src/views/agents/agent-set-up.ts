/**
 * Owns: what the `agent-world` command does about agents for a window, with progress. It runs in a process of its own:
 * it loads what no window needs otherwise.
 */
import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { CommandFailure, runCommand } from '../run-command.ts';
import type { WantedAgent } from './agent-steps.ts';

/** What the command says of an agent that it has set up or looked at. */
export interface CheckedAgent extends Pick<
  AddedAgent,
  'client' | 'name' | 'folder' | 'isOwnFolder'
> {
  readonly isReached: boolean;
  /** What the world answered to a first question, or why it did not. */
  readonly said: string;
  /** What is not as it was put there. */
  readonly faults: readonly string[];
}

type Named = Pick<AddedAgent, 'client' | 'name'>;

/** Each returns undefined when it was cancelled, and throws `CommandFailure` with what the command said. */
export class AgentSetUp {
  readonly #surroundings: ExtensionSurroundings;

  constructor(surroundings: ExtensionSurroundings) {
    this.#surroundings = surroundings;
  }

  add(current: FolderWorld, wanted: WantedAgent): Promise<CheckedAgent | undefined> {
    return this.#run(vscode.l10n.t('Setting up {0}', wanted.name), addArguments(current, wanted));
  }

  check(agent: Named): Promise<CheckedAgent | undefined> {
    return this.#run(vscode.l10n.t('Checking {0}', agent.name), ['check', ...whose(agent)]);
  }

  remove(agent: Named): Promise<CheckedAgent | undefined> {
    return this.#run(vscode.l10n.t('Removing {0}', agent.name), ['remove', ...whose(agent)]);
  }

  async #run(title: string, args: readonly string[]): Promise<CheckedAgent | undefined> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    try {
      return await vscode.window.withProgress(options, (progress, token) =>
        runCommand<CheckedAgent>(this.#surroundings, ['agents', ...args], token, {
          onNote: (message) => progress.report({ message }),
        }),
      );
    } catch (error) {
      const said = error instanceof CommandFailure ? saidIn(error.result) : undefined;
      throw said === undefined ? error : new CommandFailure(said);
    }
  }
}

/** Of an agent that is set up, but does not reach its world, or lacks something that was put there. */
function saidIn(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const { isReached, said, faults } = result as CheckedAgent;
  return isReached ? faults.join('\n') : said;
}

function whose({ client, name }: Named): readonly string[] {
  return [client, `--as=${name}`];
}

function addArguments(
  { world }: FolderWorld,
  { client, name, folder, role, scope }: WantedAgent,
): string[] {
  const place = folder === undefined ? ['--here'] : ['--folder', folder];
  const rights = [
    ...(role === undefined ? [] : ['--role', role]),
    ...(scope.length === 0 ? [] : ['--scope', scope.join(',')]),
  ];
  return ['add', client.id, `--as=${name}`, '--world', world.database, ...place, ...rights];
}
