import * as vscode from 'vscode';
import type { WorldError } from '../world/world-error.ts';

/** Says that an open file is not live, since the editor would write the world's text as another one. */
export function tellForeignEncoding(
  file: string,
  { encoding, isDirty }: { readonly encoding: string; readonly isDirty: boolean },
): void {
  void vscode.window.showInformationMessage(
    isDirty
      ? vscode.l10n.t(
          '{0} is open as {1}, and it or its file in the world has characters that UTF-8 writes otherwise, so it is not live: others see what you save, not what you type. “Save with Encoding” as UTF-8 makes it live.',
          file,
          encoding,
        )
      : vscode.l10n.t(
          '{0} is open as {1}, and it or its file in the world has characters that UTF-8 writes otherwise, so it is not live: others see what you save, not what you type. “Reopen with Encoding” as UTF-8 makes it live.',
          file,
          encoding,
        ),
  );
}

/** Says that the world did not take what a window that ended had left unsent. Never rejects. */
export async function tellLeftRefused(paths: readonly string[]): Promise<void> {
  const show = vscode.l10n.t('Show conflicts');
  const text =
    paths.length === 1
      ? vscode.l10n.t(
          'What was not sent of {0} when its window closed is in conflict with the world. It waits for your decision.',
          paths[0]!,
        )
      : vscode.l10n.t(
          'What was not sent of {0} files when their window closed is in conflict with the world. It waits for your decisions.',
          paths.length,
        );
  if ((await vscode.window.showWarningMessage(text, show)) !== show) return;
  await vscode.commands.executeCommand('agentWorld.conflicts.focus');
}

/** Says that an open file is not live any more, since the world has it as bytes. */
export function tellNotText(file: string): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      '{0} is no text in the world any more (mixed line ends, another encoding, or bytes), so it is not live: others see what you save, not what you type.',
      file,
    ),
  );
}

/** Says that an open file is not kept in step with the world, and offers to try again. */
export async function tellUnfollowed(
  file: string,
  { message }: WorldError,
  again: () => void,
): Promise<void> {
  const retry = vscode.l10n.t('Try again');
  const text = vscode.l10n.t(
    '{0} is not kept in step with the world; what you type stays on this machine. {1}',
    file,
    message,
  );
  if ((await vscode.window.showWarningMessage(text, retry)) === retry) again();
}
