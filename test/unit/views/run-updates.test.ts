import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEntry } from '../../../src/acp/agent-run.ts';
import { RunEntries } from '../../../src/acp/run-entries.ts';
import { BATCH, RunUpdates } from '../../../src/views/run-agent/run-updates.ts';
import type { ShownEntry, ToPage } from '../../../src/views/run-agent/shown-run.ts';
import { textBlocks } from '../../../src/views/run-agent/text-blocks.ts';

/** As the page has them after all messages. */
class Page {
  readonly entries = new Map<string, ShownEntry>();
  drawn = 0;

  read(messages: Iterable<ToPage>): void {
    for (const message of messages) {
      if (message.tag === 'entries') {
        if (message.isWhole) this.entries.clear();
        assert.ok(message.entries.length <= BATCH);
        for (const entry of message.entries) this.entries.set(entry.id, entry);
        this.drawn += message.entries.length;
      } else if (message.tag === 'gone') {
        for (const id of message.ids) assert.ok(this.entries.delete(id));
      } else if (message.tag === 'blocks') {
        const entry = this.entries.get(message.id)!;
        const blocks = [...entry.blocks.slice(0, message.from), ...message.blocks];
        this.entries.set(message.id, { ...entry, blocks });
        this.drawn += message.blocks.length;
      }
    }
  }
}

function shown(entry: RunEntry): ShownEntry {
  const isAnswer = entry.kind === 'answer';
  return {
    id: entry.id,
    kind: isAnswer ? 'answer' : 'end',
    heading: isAnswer && entry.isCut ? 'cut' : entry.kind,
    look: '',
    blocks: isAnswer ? textBlocks(entry.text) : [],
    note: '',
    steps: [],
    links: [],
    diffs: [],
    choices: [],
  };
}

function answer(id: string, text: string, isCut = false): RunEntry {
  return { id, atMs: 0, kind: 'answer', text, isOpen: true, isCut };
}

test('a page that is new gets everything, in messages that are short to draw', () => {
  const page = new Page();
  const entries = Array.from({ length: 2 * BATCH + 1 }, (_, at) => answer(`${at}`, `text ${at}`));
  page.read(new RunUpdates(shown).whole(entries));
  assert.deepEqual([...page.entries.values()], entries.map(shown));
  page.read(new RunUpdates(shown).whole([]));
  assert.equal(page.entries.size, 0);
});

test('of a text that grows only what is new is drawn, and nothing of a text that stays', () => {
  const page = new Page();
  const updates = new RunUpdates(shown);
  let text = '';
  page.read(updates.whole([answer('a', text), answer('b', 'stays')]));
  page.drawn = 0;
  for (let line = 0; line < 100; line++) {
    text += `line ${line}\n\n`;
    const entries = [answer('a', text), answer('b', 'stays')];
    page.read(updates.changed(entries, new Set(['a', 'b'])));
    assert.deepEqual([...page.entries.values()], entries.map(shown));
  }
  assert.ok(page.drawn <= 200, `${page.drawn} blocks were drawn for 100`);
});

test('what is other than its text is drawn anew, and what is new comes last', () => {
  const page = new Page();
  const updates = new RunUpdates(shown);
  page.read(updates.whole([answer('a', 'one')]));
  const entries = [answer('a', 'one two', true), answer('b', 'new')];
  page.read(updates.changed(entries, new Set(['a', 'b'])));
  assert.deepEqual([...page.entries.values()], entries.map(shown));
});

test('where old entries give way to new ones, those go and nothing that stays is drawn again', () => {
  const page = new Page();
  const updates = new RunUpdates(shown);
  const entries = new RunEntries({ nowMs: () => 0, onChange: () => {} });
  const say = (text: string): string =>
    entries.add({ kind: 'answer', text, isOpen: false, isCut: false });
  while (entries.leftOut === 0) say('said');
  entries.takeChanged();
  page.read(updates.whole(entries.all));
  for (let more = 0; more < 100; more++) {
    const before = entries.all[0]!.id;
    const id = say('more');
    page.drawn = 0;
    const changed = entries.takeChanged();
    assert.deepEqual(changed, new Set([before, id]));
    page.read(updates.changed(entries.all, changed));
    assert.deepEqual([...page.entries.values()], entries.all.map(shown));
    assert.equal(page.drawn, 1);
  }
});
