import * as vscode from 'vscode';
import type { OpProgress } from '../../world/backup.ts';
import type { Task } from '../with-progress.ts';

/** Shows in a task how many ops of a history are done. */
export function opProgress(task: Task): (progress: OpProgress) => void {
  return ({ ops, totalOps }) =>
    task.report(ops, totalOps, vscode.l10n.t('{0} of {1} ops', ops, totalOps));
}
