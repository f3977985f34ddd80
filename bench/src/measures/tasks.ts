import { TASK_KINDS } from '../../../test/agent-tasks/all-tasks.ts';
import { runInFolder } from '../../../test/agent-tasks/folder-run.ts';
import { type Tally, tallyOf } from '../../../test/agent-tasks/tally.ts';
import { runInWorld, type TaskRun } from '../../../test/agent-tasks/world-run.ts';
import { ToolsLab } from '../../../test/contract/tools-lab.ts';
import type { Measure } from '../measure.ts';

/**
 * Editing tasks with the mistakes that models make, by the tools of a world, and by what clients' own tools
 * are documented to do in a plain folder. It counts how they end; nothing is timed.
 */
export const measureTasks: Measure = async () => {
  const ends: (() => Promise<void> | void)[] = [];
  const context = {
    after: (end?: unknown): void => {
      if (typeof end === 'function') ends.push(end as () => Promise<void>);
    },
  };
  try {
    const lab = await ToolsLab.open(context);
    const [agent, other] = [await lab.join(), await lab.join('human')];
    const rows: string[][] = [];
    const inWorld: TaskRun[] = [];
    const inFolder: TaskRun[] = [];
    for (const [kind, tasks] of Object.entries(TASK_KINDS)) {
      const runs: TaskRun[] = [];
      for (const task of tasks) {
        const folder = `t${inWorld.length + runs.length}`;
        runs.push(await runInWorld({ lab, agent, other }, task, folder));
      }
      const plain = tasks.map(runInFolder);
      rows.push(rowOf(kind, tallyOf(runs), tallyOf(plain)));
      inWorld.push(...runs);
      inFolder.push(...plain);
    }
    const [ours, peers] = [tallyOf(inWorld), tallyOf(inFolder)];
    return {
      remarks: [],
      figures: [
        {
          measure: 'tasks',
          label: 'editing tasks done as meant within two tries',
          ours: `${ours.asMeant} of ${ours.tasks}`,
          peer: `plain folder: ${peers.asMeant} of ${peers.tasks}`,
          value: (100 * ours.asMeant) / ours.tasks,
          unit: ' %',
          must: 95,
          aim: 98,
          better: 'higher',
        },
        {
          measure: 'tasks',
          label: 'editing tasks that end wrong, or take out what others wrote',
          ours: String(ours.wrong + ours.reverted),
          peer: `plain folder: ${peers.wrong + peers.reverted}`,
          value: ours.wrong + ours.reverted,
          unit: ' tasks',
          must: 0,
          aim: 0,
          better: 'lower',
        },
      ],
      comparison: {
        title: 'Editing tasks with the mistakes of models',
        columns: [
          'kind',
          'tasks',
          'as meant',
          'at the first try',
          'waits or refused',
          'wrong or reverted',
          'plain folder: as meant',
          'waits or refused',
          'wrong or reverted',
        ],
        rows: [...rows, rowOf('all', ours, peers)],
      },
    };
  } finally {
    for (const end of ends) await end();
  }
};

function rowOf(kind: string, ours: Tally, peers: Tally): string[] {
  const counts = [
    ours.tasks,
    ours.asMeant,
    ours.asMeantAtFirst,
    ours.waits + ours.refused,
    ours.wrong + ours.reverted,
    peers.asMeant,
    peers.waits + peers.refused,
    peers.wrong + peers.reverted,
  ];
  return [kind, ...counts.map(String)];
}
