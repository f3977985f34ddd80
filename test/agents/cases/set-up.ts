import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentStage } from '../agent-stage.ts';
import { MODEL_NAME } from '../model/scripted-model.ts';
import { sharedText } from '../shared-file.ts';
import { type AgentCase, OK, type Verdict } from './agent-case.ts';

export const add: AgentCase = {
  id: 'add',
  title: 'add',
  async run(stage) {
    const before = await readdir(stage.project);
    const { code, out, err } = await stage.command('agents', 'add', stage.client.id);
    assert.equal(code, 0, out + err);
    assert.deepEqual(await readdir(stage.project), before, 'nothing new in the person’s folder');
    const ops = await stage.asked('history', stage.project);
    const others = ops.filter(({ name, kind }) => name !== 'Ada' && kind !== 'member');
    assert.deepEqual(others, [], 'setting up changes no file');
    for (const file of before) assert.equal(await stage.diskText(file), sharedText());
    await stage.recordHooks();
    return OK;
  },
};

export const check: AgentCase = {
  id: 'check',
  title: 'check',
  async run(stage) {
    const { code, out, err } = await stage.command('agents', 'check', stage.client.id);
    assert.equal(code, 0, out + err);
    assert.match(out, /The server answers with \d+ tools/);
    return OK;
  },
};

export const remove: AgentCase = {
  id: 'remove',
  title: 'remove',
  async run(stage) {
    const { client } = stage;
    const { code, out, err } = await stage.command('agents', 'remove', client.id);
    assert.equal(code, 0, out + err);
    const changed = await changedFiles(stage);
    if (changed.length === 0) return OK;
    for (const { file, text } of changed) {
      assert.doesNotMatch(text, /agent-world/, `${file} still names the server`);
    }
    return short(`~/${changed[0]!.file} has no entry of ours any more, and other text than before`);
  },
};

async function changedFiles({ client, model, user }: AgentStage) {
  const settings = client.settings({ address: model.address, modelName: MODEL_NAME });
  const files = await Promise.all(
    client.keptFiles.map(async (file) => {
      const text = await readFile(path.join(user, file), 'utf8').catch(() => '');
      return { file, text, before: settings[file] };
    }),
  );
  return files.filter(({ text, before }) => text !== before);
}

function short(why: string): Verdict {
  return { tag: 'short', why };
}
