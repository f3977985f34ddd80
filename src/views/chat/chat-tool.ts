/** Owns: one tool as VS Code calls it. Does not know: what it does. */
import * as vscode from 'vscode';
import type { ChatAnswer } from '../../mcp/chat-agent.ts';
import { askBeforeCopy, askBeforeDeletion, whatItDoes } from './chat-words.ts';
import { TOOL_PREFIX } from './tool-prefix.ts';
import type { WindowChat } from './window-chat.ts';

/** Undefined where the folder is not trusted, or the window in no world. */
export type LoadChat = () => Promise<WindowChat | undefined>;

export class ChatTool implements vscode.LanguageModelTool<object> {
  readonly #name: string;
  readonly #title: string;
  readonly #load: LoadChat;

  /** `name` is that of the manifest, `title` in the user's language. */
  constructor(name: string, title: string, load: LoadChat) {
    this.#name = name.slice(TOOL_PREFIX.length);
    this.#title = title;
    this.#load = load;
  }

  /**
   * What is going to happen; and a question where files are deleted for everybody, or something is written
   * beside the world. All else stays in the history, from which it can be put back.
   */
  async prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<object>): Promise<vscode.PreparedToolInvocation> {
    const confirmationMessages = await this.#question(input);
    return {
      invocationMessage: whatItDoes(this.#title, input),
      ...(confirmationMessages && { confirmationMessages }),
    };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const ending = new AbortController();
    const stop = token.onCancellationRequested(() => ending.abort());
    if (token.isCancellationRequested) ending.abort();
    try {
      const { code, text } = await this.#answer(input, ending.signal);
      if (code === 'cancelled') throw new vscode.CancellationError();
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } finally {
      stop.dispose();
    }
  }

  async #answer(input: object, signal: AbortSignal): Promise<ChatAnswer> {
    const agent = await (await this.#load())?.agent();
    if (signal.aborted) return { code: 'cancelled', text: '' };
    return agent ? agent.call(this.#name, input, signal) : NO_WORLD;
  }

  async #question(
    input: object,
  ): Promise<vscode.LanguageModelToolConfirmationMessages | undefined> {
    if (this.#name === 'snapshot') return askBeforeCopy(input);
    if (this.#name !== 'apply_patch' && this.#name !== 'change_files') return undefined;
    const paths = (await (await this.#load())?.deletedPaths(input)) ?? [];
    return paths.length === 0 ? undefined : askBeforeDeletion(paths);
  }
}

/** For a model, as all answers are. */
const NO_WORLD: ChatAnswer = {
  code: 'no_such_world',
  text: [
    '[refused: no_such_world] The folder of this window is in no world, or is not trusted yet. Nothing was done.',
    '- Tell the person whom you work for: “Agent World: Open This Folder in a World” opens it in one.',
  ].join('\n\n'),
};
