/** Owns: telling of agents that were cut off while nobody saw it, and which of them are to go on. */
import * as vscode from 'vscode';
import type { PastRun } from '../../acp/past-runs.ts';
import { type RunClient, titleOf } from '../../acp/run-clients.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import { pastWords } from './run-state-words.ts';

export interface CutOff {
  readonly agent: AddedAgent;
  readonly client: RunClient;
  readonly past: PastRun;
}

/** One notice, however many there are; resolves with those that are to go on. */
export async function chooseCutOff(all: readonly CutOff[]): Promise<readonly CutOff[]> {
  const [first] = all;
  if (first === undefined) return [];
  const goOn = vscode.l10n.t('Go On');
  if (all.length === 1) {
    const words = `${first.past.name} ${pastWords(first.past)}.`;
    return (await vscode.window.showInformationMessage(words, goOn)) === goOn ? all : [];
  }
  const goOnAll = vscode.l10n.t('Go On with All');
  const choose = vscode.l10n.t('Choose…');
  const names = all.slice(0, MOST_NAMES).map(({ past }) => past.name);
  const more = all.length - names.length;
  const listed = names.join(', ');
  const words =
    more > 0
      ? vscode.l10n.t('{0} agents were cut off: {1} and {2} more.', all.length, listed, more)
      : vscode.l10n.t('{0} agents were cut off: {1}.', all.length, listed);
  const answer = await vscode.window.showInformationMessage(words, goOnAll, choose);
  if (answer === goOnAll) return all;
  return answer === choose ? chosenOf(all) : [];
}

async function chosenOf(all: readonly CutOff[]): Promise<readonly CutOff[]> {
  const items = all.map((each) => ({
    label: each.past.name,
    description: titleOf(each.client),
    detail: [pastWords(each.past), each.past.title].filter((part) => part !== '').join(' · '),
    picked: each.past.wasWorking,
    each,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which agents are to go on?'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return (picked ?? []).map(({ each }) => each);
}

const MOST_NAMES = 3;
