import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TASK_KINDS } from '../agent-tasks/all-tasks.ts';
import { runInFolder } from '../agent-tasks/folder-run.ts';
import { tallyOf } from '../agent-tasks/tally.ts';
import { runInWorld, type TaskRun } from '../agent-tasks/world-run.ts';
import { ToolsLab } from './tools-lab.ts';

test('of sixty tasks with the mistakes of models none ends wrong or reverts anybody, and nearly all end as meant', async (t) => {
  const lab = await ToolsLab.open(t);
  const [agent, other] = [await lab.join(), await lab.join('human')];
  const tasks = Object.values(TASK_KINDS).flat();
  const runs: TaskRun[] = [];
  const notAsMeant: string[] = [];
  for (const [index, task] of tasks.entries()) {
    const run = await runInWorld({ lab, agent, other }, task, `t${index}`);
    runs.push(run);
    if (run.verdict !== 'as meant')
      notAsMeant.push(`${run.verdict} (${run.codes.join(', ')}): ${task.name}`);
  }
  const { asMeant, wrong, reverted } = tallyOf(runs);
  assert.ok(tasks.length >= 60);
  assert.deepEqual({ wrong, reverted }, { wrong: 0, reverted: 0 }, notAsMeant.join('\n'));
  assert.ok(asMeant >= tasks.length * 0.95, notAsMeant.join('\n'));
  for (const habit of ['usual', 'careful'] as const) {
    assert.ok(asMeant > tallyOf(tasks.map((task) => runInFolder(task, habit))).asMeant);
  }
});
