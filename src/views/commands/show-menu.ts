import * as vscode from 'vscode';
import type { DemoAgents } from './demo-agents.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { answerableQuestions } from '../restorations/asked-questions.ts';

interface Choice extends vscode.QuickPickItem {
  readonly command: string;
}

/** What can be done now, for whoever clicks on the status bar. */
export async function showMenu(
  window: WindowWorld,
  agents: Pick<DemoAgents, 'isRunning'>,
): Promise<void> {
  const { current } = window;
  const choices =
    current === undefined
      ? window.agentFolder
        ? agentChoices()
        : unboundChoices()
      : boundChoices(
          current.refusedEdits().length,
          answerableQuestions(current.session).length,
          agents.isRunning,
        );
  const picked = await vscode.window.showQuickPick(choices, { title: 'Agent World' });
  if (picked) await vscode.commands.executeCommand(picked.command);
}

/** A folder of an agent's own is in a world already, as the agent's. */
function agentChoices(): Choice[] {
  return [
    choice('$(run)', vscode.l10n.t('Run an agent…'), 'agentWorld.runAgent'),
    choice('$(hubot)', vscode.l10n.t('The agents set up here…'), 'agentWorld.manageAgents'),
    choice('$(output)', vscode.l10n.t('Show output'), 'agentWorld.showOutput'),
  ];
}

function unboundChoices(): Choice[] {
  return [
    choice('$(globe)', vscode.l10n.t('Open this folder in a world'), 'agentWorld.openFolder'),
    choice('$(mail)', vscode.l10n.t('Join a world by invite…'), 'agentWorld.join'),
    choice(
      '$(question)',
      vscode.l10n.t('Take the first five minutes'),
      'agentWorld.openWalkthrough',
    ),
    choice('$(output)', vscode.l10n.t('Show output'), 'agentWorld.showOutput'),
  ];
}

function boundChoices(refusedEdits: number, questions: number, hasAgents: boolean): Choice[] {
  const resolve = choice(
    '$(warning)',
    vscode.l10n.t('Resolve a refused edit… ({0})', refusedEdits),
    'agentWorld.resolveRefusedEdit',
  );
  const answer = choice(
    '$(question)',
    vscode.l10n.t('Answer what a folder asks… ({0})', questions),
    'agentWorld.answerFolder',
  );
  return [
    ...(refusedEdits > 0 ? [resolve] : []),
    ...(questions > 0 ? [answer] : []),
    choice('$(organization)', vscode.l10n.t('Show who is here'), 'agentWorld.showParticipants'),
    choice('$(eye)', vscode.l10n.t('Follow somebody…'), 'agentWorld.followParticipant'),
    choice('$(person-add)', vscode.l10n.t('Invite somebody…'), 'agentWorld.copyInvite'),
    choice('$(hubot)', vscode.l10n.t('Add an agent…'), 'agentWorld.addAgent'),
    choice('$(run)', vscode.l10n.t('Run an agent…'), 'agentWorld.runAgent'),
    choice('$(law)', vscode.l10n.t('How conflicts are judged…'), 'agentWorld.changePolicy'),
    hasAgents
      ? choice('$(debug-stop)', vscode.l10n.t('Stop the demo agents'), 'agentWorld.stopAgents')
      : choice('$(play)', vscode.l10n.t('Start the demo agents'), 'agentWorld.startAgents'),
    choice('$(verified)', vscode.l10n.t('Verify the history'), 'agentWorld.verifyHistory'),
    choice('$(output)', vscode.l10n.t('Show output'), 'agentWorld.showOutput'),
    choice('$(sign-out)', vscode.l10n.t('Leave this world…'), 'agentWorld.leave'),
  ];
}

function choice(icon: string, label: string, command: string): Choice {
  return { label: `${icon} ${label}`, command };
}
