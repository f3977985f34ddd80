/** Owns: telling that an agent whose page nobody sees asks, or stopped by a fault. That one is done members tell. */
import * as vscode from 'vscode';
import type { AgentRun, RunState } from '../../acp/agent-run.ts';
import { readSettings } from '../../editor/settings.ts';

export interface RunNoticesParts {
  readonly run: AgentRun;
  /** Its page is seen. */
  readonly isSeen: () => boolean;
  readonly show: () => void;
}

/** Returns how to stop telling. */
export function tellOfRun({ run, isSeen, show }: RunNoticesParts): () => void {
  let before: RunState = run.state;
  return run.onChange(({ isState }) => {
    if (!isState || run.state === before) return;
    const words = isSeen() ? undefined : noticeOf(run);
    before = run.state;
    if (words === undefined) return;
    void tell(words, run.state === 'failed', show);
  });
}

async function tell(words: string, isFault: boolean, show: () => void): Promise<void> {
  const look = vscode.l10n.t('Show');
  const answer = isFault
    ? await vscode.window.showWarningMessage(words, look)
    : await vscode.window.showInformationMessage(words, look);
  if (answer === look) show();
}

function noticeOf(run: AgentRun): string | undefined {
  const { agentsNotify } = readSettings();
  const { name } = run.agent;
  if (agentsNotify === 'off') return undefined;
  if (run.state === 'asking') {
    const ask = run.entries.find(
      (entry) => entry.kind === 'permission' && entry.outcome.tag === 'open',
    );
    const title = ask?.kind === 'permission' ? ask.tool.title : '';
    return vscode.l10n.t('{0} asks: {1}', name, title);
  }
  if (run.state === 'failed') return `${name}: ${run.error?.message ?? ''}`;
  return undefined;
}
