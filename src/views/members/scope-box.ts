import * as vscode from 'vscode';
import { isScopeGlob } from '../../core/path-scope.ts';
import { countInScope, parseScope } from './scope-text.ts';

export interface ScopeQuestion {
  readonly title: string;
  readonly scope: readonly string[];
  /** The world's paths, to tell what a scope covers. */
  readonly paths: readonly string[];
}

/** Asks for globs, telling while they are typed how many files they cover. */
export async function askScope(question: ScopeQuestion): Promise<readonly string[] | undefined> {
  const { title, scope, paths } = question;
  const entered = await vscode.window.showInputBox({
    title,
    value: scope.join(', '),
    prompt: vscode.l10n.t('Paths separated by commas, such as src/**, *.md. Empty: all files.'),
    ignoreFocusOut: true,
    validateInput: (text) => checkScope(text, paths),
  });
  return entered === undefined ? undefined : parseScope(entered);
}

function checkScope(text: string, paths: readonly string[]): vscode.InputBoxValidationMessage {
  const scope = parseScope(text);
  const wrong = scope.find((glob) => !isScopeGlob(glob));
  if (wrong !== undefined) {
    return {
      message: vscode.l10n.t('Not a path inside of the world: {0}', wrong),
      severity: vscode.InputBoxValidationSeverity.Error,
    };
  }
  return {
    message: coverage(scope, paths),
    severity: vscode.InputBoxValidationSeverity.Info,
  };
}

/** For instance `3 of 12 files`. */
export function coverage(scope: readonly string[], paths: readonly string[]): string {
  return vscode.l10n.t('{0} of {1} files', countInScope(scope, paths), paths.length);
}
