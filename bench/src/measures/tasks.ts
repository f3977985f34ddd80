import { TASK_KINDS } from '../../../test/agent-tasks/all-tasks.ts';
import { runInFolder } from '../../../test/agent-tasks/folder-run.ts';
import type { AgentTask } from '../../../test/agent-tasks/task.ts';
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
    const all = Object.values(TASK_KINDS).flat();
    for (const [kind, tasks] of Object.entries(TASK_KINDS)) {
      const runs: TaskRun[] = [];
      for (const task of tasks) {
        const folder = `t${inWorld.length + runs.length}`;
        runs.push(await runInWorld({ lab, agent, other }, task, folder));
      }
      rows.push(rowOf(kind, tallyOf(runs), inFolder(tasks, 'usual'), inFolder(tasks, 'careful')));
      inWorld.push(...runs);
    }
    const ours = tallyOf(inWorld);
    const [usual, careful] = [inFolder(all, 'usual'), inFolder(all, 'careful')];
    return {
      remarks: [],
      figures: [
        {
          measure: 'tasks',
          label: 'editing tasks done as meant within two tries',
          ours: `${ours.asMeant} of ${ours.tasks}`,
          peer: `plain folder: ${usual.asMeant}; with a careful client ${careful.asMeant}`,
          value: (100 * ours.asMeant) / ours.tasks,
          unit: ' %',
          must: 95,
          aim: 98,
          better: 'higher',
        },
        {
          measure: 'tasks',
          label: 'editing tasks that end wrong, or take out what others wrote',
          ours: String(bad(ours)),
          peer: `plain folder: ${bad(usual)}; with a careful client ${bad(careful)}`,
          value: bad(ours),
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
          'careful client: as meant',
          'waits or refused',
          'wrong or reverted',
        ],
        rows: [...rows, rowOf('all', ours, usual, careful)],
      },
    };
  } finally {
    for (const end of ends) await end();
  }
};

function inFolder(tasks: readonly AgentTask[], habit: 'usual' | 'careful'): Tally {
  return tallyOf(tasks.map((task) => runInFolder(task, habit)));
}

function bad({ wrong, reverted }: Tally): number {
  return wrong + reverted;
}

function rowOf(kind: string, ours: Tally, ...peers: readonly Tally[]): string[] {
  const counts = [
    ours.tasks,
    ours.asMeant,
    ours.asMeantAtFirst,
    ...[ours, ...peers].flatMap((each, index) => [
      ...(index === 0 ? [] : [each.asMeant]),
      each.waits + each.refused,
      bad(each),
    ]),
  ];
  return [kind, ...counts.map(String)];
}
