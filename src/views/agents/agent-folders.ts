/**
 * Owns: which folders of this window are agents' own, and that they are kept in step while it shows them. Does not
 * know: what is shown of that.
 */
import * as vscode from 'vscode';
import { KeptFolder } from '../../acp/kept-folder.ts';
import { type AddedAgent, AddedAgents } from '../../agents/clients/added-agents.ts';
import { ownerOfFolder } from '../../agents/clients/folder-owner.ts';
import type { Disposable } from '../../editor/disposable-store.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { AgentFolder, AgentFoldersPort } from '../../editor/window-world.ts';

interface Kept {
  readonly agent: AddedAgent;
  readonly mirror: KeptFolder;
}

export class AgentFolders implements AgentFoldersPort, Disposable {
  readonly #surroundings: ExtensionSurroundings;
  readonly #added: AddedAgents;
  readonly #onChange: () => void;
  /** By the address of the window's folder. */
  readonly #kept = new Map<string, Kept>();
  #looking: Promise<void> = Promise.resolve();
  #isDisposed = false;

  /** `onChange`: whether one of them is kept has changed. */
  constructor(surroundings: ExtensionSurroundings, onChange: () => void) {
    this.#surroundings = surroundings;
    this.#added = new AddedAgents(surroundings.home);
    this.#onChange = onChange;
  }

  at({ uri }: vscode.WorkspaceFolder): AgentFolder | undefined {
    const kept = this.#kept.get(uri.toString());
    if (!kept) return undefined;
    const { agent, mirror } = kept;
    return { agent: agent.name, world: agent.worldName, isKept: mirror.isKept };
  }

  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const { mirror } of this.#kept.values()) mirror.dispose();
    this.#kept.clear();
  }

  async #look(): Promise<void> {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(
      ({ uri }) => uri.scheme === 'file',
    );
    const there = new Set(folders.map(({ uri }) => uri.toString()));
    for (const [uri, { mirror }] of this.#kept) {
      if (there.has(uri)) continue;
      mirror.dispose();
      this.#kept.delete(uri);
    }
    for (const { uri } of folders) {
      if (this.#kept.has(uri.toString())) continue;
      const agent = await ownerOfFolder(uri.fsPath, await this.#added.all());
      if (agent && !this.#isDisposed) {
        const mirror = new KeptFolder(this.#surroundings, agent, this.#onChange);
        this.#kept.set(uri.toString(), { agent, mirror });
      }
    }
  }
}
