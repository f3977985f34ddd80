import * as vscode from 'vscode';
import { WorldError } from '../world/world-error.ts';

/** A task that the user sees going on and can give up. */
export interface Task {
  readonly signal: AbortSignal;
  /** How far it is; `message` says so in words. */
  readonly report: (done: number, total: number, message: string) => void;
}

/** Runs a task in a notification with a way to cancel; `cancelled` is then the signal's reason. */
export function withProgress<Result>(
  title: string,
  work: (task: Task) => Promise<Result>,
): Thenable<Result> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    const cancelling = new AbortController();
    token.onCancellationRequested(() =>
      cancelling.abort(new WorldError('cancelled', 'It was given up')),
    );
    let shown = 0;
    return work({
      signal: cancelling.signal,
      report(done, total, message) {
        const percent = (100 * done) / Math.max(1, total);
        // A task of several parts begins again with each.
        progress.report({ increment: Math.max(0, percent - shown), message });
        shown = percent;
      },
    });
  });
}
