/** What the page of an agent shows and tells. Everything is text: nothing of it is markup. */
import type { TextBlock } from './text-blocks.ts';

export interface ShownDiff {
  readonly label: string;
  /** Lines that went with `-`, lines that came with `+`, places with `@`; empty where there are too many. */
  readonly rows: readonly string[];
  /** What is said in place of rows, or below them. */
  readonly note: string;
}

export interface ShownChoice {
  readonly optionId: string;
  readonly label: string;
  readonly isAllow: boolean;
}

export interface ShownEntry {
  readonly id: string;
  readonly kind:
    'prompt' | 'answer' | 'thought' | 'plan' | 'tool' | 'permission' | 'notice' | 'end';
  /** Stands above it, and is its name for a screen reader. */
  readonly heading: string;
  /** One of a few words that decide how it looks. */
  readonly look: '' | 'waiting' | 'working' | 'done' | 'failed' | 'warning' | 'error';
  readonly blocks: readonly TextBlock[];
  /** What is said below the text, such as that it was cut. */
  readonly note: string;
  readonly steps: readonly {
    readonly text: string;
    readonly words: string;
    readonly look: ShownEntry['look'];
  }[];
  /** Files that it is about. */
  readonly links: readonly string[];
  readonly diffs: readonly ShownDiff[];
  /** Of a permission that nobody has answered. */
  readonly choices: readonly ShownChoice[];
}

/** A button of the page: a message with its name. */
export interface ShownOffer {
  readonly name: 'resume' | 'begin' | 'install' | 'terminal' | 'another' | 'stop' | 'cancel';
  readonly label: string;
  readonly explanation: string;
}

export interface ShownState {
  readonly tag: 'state';
  readonly name: string;
  /** The client, its version, the session's title. */
  readonly about: string;
  /** Of the participants' colours, from 1; 0 for none. */
  readonly color: number;
  readonly words: string;
  readonly look: ShownEntry['look'];
  readonly canPrompt: boolean;
  /** Files can be put along with the next prompt. */
  readonly canAttach: boolean;
  /** In place of a prompt, while there can be none. */
  readonly placeholder: string;
  /** What went wrong, and what can be done; empty. */
  readonly fault: string;
  readonly offers: readonly ShownOffer[];
  readonly modes: readonly { readonly id: string; readonly name: string }[];
  readonly mode: string;
  readonly usage: string;
  readonly leftOut: string;
  /** The first permission that waits. */
  readonly ask: ShownEntry | undefined;
}

/** What a prompt can begin with. */
export interface ShownCommand {
  readonly name: string;
  readonly description: string;
  /** What is to be written behind it; empty. */
  readonly hint: string;
}

/** What is sent to the page. */
export type ToPage =
  | ShownState
  /** Entries that are new, or shown anew; `isWhole`: there were none before. */
  | { readonly tag: 'entries'; readonly isWhole: boolean; readonly entries: readonly ShownEntry[] }
  /** Entries that are left out from now on. */
  | { readonly tag: 'gone'; readonly ids: readonly string[] }
  /** The text of one from its block `from` on. */
  | {
      readonly tag: 'blocks';
      readonly id: string;
      readonly from: number;
      readonly blocks: readonly TextBlock[];
    }
  | { readonly tag: 'commands'; readonly commands: readonly ShownCommand[] }
  /** What was asked for by `find` of that number; `selection` says what is selected in the editor; empty. */
  | {
      readonly tag: 'found';
      readonly number: number;
      readonly paths: readonly string[];
      readonly selection: string;
    }
  /** What is put along with the next prompt. */
  | { readonly tag: 'attached'; readonly labels: readonly string[] }
  /** A prompt that was not sent after all. */
  | { readonly tag: 'unsent'; readonly text: string }
  /** For screen readers; `isUrgent` interrupts. */
  | { readonly tag: 'say'; readonly text: string; readonly isUrgent: boolean };

/** What the page tells. */
export type FromPage =
  | { readonly tag: 'ready' }
  | { readonly tag: 'prompt'; readonly text: string }
  /** What stands in the box now. */
  | { readonly tag: 'typed'; readonly text: string }
  /** Files of the world are looked for, to be put along. */
  | { readonly tag: 'find'; readonly number: number; readonly text: string }
  | { readonly tag: 'attach'; readonly path: string }
  | { readonly tag: 'attachSelection' | 'attachFiles' }
  | { readonly tag: 'detach'; readonly index: number }
  | { readonly tag: 'answer'; readonly id: string; readonly optionId: string }
  | { readonly tag: 'mode'; readonly mode: string }
  | { readonly tag: 'link' | 'diff'; readonly id: string; readonly index: number }
  | { readonly tag: 'offer'; readonly name: ShownOffer['name'] };

/** What the page keeps by itself, and VS Code through a reload of the window. */
export interface PageState {
  readonly client: string;
  readonly name: string;
  /** What was typed and not sent. */
  readonly draft: string;
}
