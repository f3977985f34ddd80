import * as vscode from 'vscode';
import type { WorldLog } from '../../world/log.ts';

/** Says what went wrong in something that no command waits for. */
export function tellFault(error: unknown, log: Pick<WorldLog, 'error'>): void {
  log.error('conflicts.failed', { error: String(error) });
  const message = error instanceof Error ? error.message : String(error);
  void vscode.window.showErrorMessage(`Agent World: ${message}`);
}
