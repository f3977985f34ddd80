import * as vscode from 'vscode';
import type { TypedTexts } from '../editor/typed-texts.ts';

/**
 * Asks for words in a box that keeps what is typed, so that it is there again when the same is asked once more: after a
 * box that was closed, a window that was loaded again, a crash. Whoever has sent the words forgets the field.
 */
export async function askKept(
  typed: Pick<TypedTexts, 'keep' | 'read' | 'forget'>,
  field: string,
  options: vscode.InputBoxOptions,
): Promise<string | undefined> {
  const proposed = options.value ?? '';
  const before = await typed.read(field);
  return vscode.window.showInputBox({
    ...options,
    value: before?.text ?? proposed,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text === '' || text === proposed) typed.forget(field);
      else typed.keep(field, text);
      return options.validateInput?.(text);
    },
  });
}
