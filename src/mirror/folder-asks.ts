/** What a hook of an agent's client asks of the mirror that keeps its folder, and what it is answered. */
import type { ToldResult } from './path-outcomes.ts';

export type FolderAsk =
  /** Turns of the agent began or ended: whose work the next ops are is to be looked up. */
  | { readonly does: 'turns' }
  /** What others did to a file is to be on disk. */
  | { readonly does: 'bring'; readonly path: string }
  /** A tool is done with a file: what it wrote is to be taken in now. */
  | { readonly does: 'take'; readonly path: string };

/** What became of what a tool wrote; left out where that was nothing, or no answer to that question. */
export type FolderAnswer = ToldResult | undefined;

/** Lines of the folder's log by which they ask and answer. */
export type FolderAskEntry =
  /** A mirror that answers keeps the folder, in the process of that number, or does no more. */
  | { readonly tag: 'mirror'; readonly pid: number; readonly is: 'began' | 'ended' }
  | { readonly tag: 'ask'; readonly askId: string; readonly ask: FolderAsk }
  | { readonly tag: 'answer'; readonly askId: string; readonly answer?: FolderAnswer };
