import type * as vscode from 'vscode';
import type { ChangeEvents } from '../editor/change-events.ts';
import type { Disposable } from '../editor/disposable-store.ts';
import type { FolderWorld } from '../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../editor/surroundings.ts';
import type { WindowWorld } from '../editor/window-world.ts';
import type { PatchEditor } from './patch-editor.ts';

/** What a command does in the world that the window is in; `argument` is what VS Code hands a command. */
export type Run = (current: FolderWorld, argument: unknown) => Promise<void> | void;

/** What a command does whether the window is in a world or not. */
export type RunAnywhere = (argument: unknown) => Promise<void> | void;

/** The views of one subject, such as conflicts: built once a window, shown whatever world it is in. */
export interface ViewPart extends Disposable {
  /** By their names without `agentWorld.`, as `view-commands.ts` lists them. */
  readonly commands: Readonly<Record<string, Run>>;
  /** The window entered a world, or left it. */
  enter(current: FolderWorld | undefined): void;
}

export interface ViewPartOptions {
  readonly context: vscode.ExtensionContext;
  readonly surroundings: ExtensionSurroundings;
  readonly changeEvents: ChangeEvents;
  readonly patches: PatchEditor;
  readonly current: () => FolderWorld | undefined;
  readonly window: () => WindowWorld;
}
