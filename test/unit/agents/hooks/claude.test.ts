import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claudeEvent, claudeOutput } from '../../../../src/agents/hooks/claude.ts';

/** As Claude Code 2.1.332 sends it, with another folder and session. */
const COMMON = {
  session_id: '00000000-0000-4000-8000-000000000001',
  transcript_path: '/home/ada/.claude/projects/-work/one.jsonl',
  cwd: '/work',
  permission_mode: 'default',
};
const session = COMMON.session_id;

function tool(name: string, tool_input: object, hook_event_name = 'PreToolUse') {
  return { ...COMMON, hook_event_name, tool_name: name, tool_input };
}

function quotes(replacements: Readonly<Record<string, string>>) {
  const edits = Object.entries(replacements).map(([quote, replacement]) => ({
    quote,
    replacement,
    isEvery: false,
  }));
  return { kind: 'quotes', quotes: Object.keys(replacements), edits };
}

for (const [what, input, event] of [
  [
    'a start',
    { ...COMMON, hook_event_name: 'SessionStart', source: 'startup' },
    { kind: 'session-began', session },
  ],
  [
    'a prompt',
    { ...COMMON, hook_event_name: 'UserPromptSubmit', prompt: 'secret' },
    { kind: 'prompted', session, prompt: 'secret' },
  ],
  [
    'an end',
    { ...COMMON, hook_event_name: 'Stop', stop_hook_active: true },
    { kind: 'stopping', session, isAgain: true },
  ],
  [
    'an edit by quote',
    tool('Edit', { file_path: '/work/a.txt', old_string: 'one', new_string: 'two' }),
    {
      kind: 'writing',
      session,
      files: [{ file: '/work/a.txt', write: quotes({ one: 'two' }) }],
    },
  ],
  [
    'several quotes',
    tool('MultiEdit', {
      file_path: '/work/a.txt',
      edits: [{ old_string: 'one', new_string: '1' }, { old_string: 'two' }],
    }),
    {
      kind: 'writing',
      session,
      files: [{ file: '/work/a.txt', write: quotes({ one: '1', two: '' }) }],
    },
  ],
  [
    'a whole file',
    tool('Write', { file_path: '/work/a.txt', content: 'x' }),
    {
      kind: 'writing',
      session,
      files: [{ file: '/work/a.txt', write: { kind: 'whole', text: 'x' } }],
    },
  ],
  [
    'a cell',
    tool('NotebookEdit', { notebook_path: '/work/a.ipynb', new_source: 'x' }),
    { kind: 'writing', session, files: [{ file: '/work/a.ipynb', write: { kind: 'somewhere' } }] },
  ],
  [
    'a read file',
    tool('Read', { file_path: '/work/a.txt' }, 'PostToolUse'),
    { kind: 'read', session, file: '/work/a.txt' },
  ],
  [
    'lines that a tool showed',
    {
      ...tool('Read', { file_path: '/work/a.txt', offset: 5, limit: 2 }, 'PostToolUse'),
      tool_response: {
        type: 'text',
        file: {
          filePath: '/work/a.txt',
          content: 'line 5\nline 6',
          numLines: 2,
          startLine: 5,
          totalLines: 31,
        },
      },
    },
    {
      kind: 'read',
      session,
      file: '/work/a.txt',
      shown: { text: 'line 5\nline 6', firstLine: 5, isWhole: false },
    },
  ],
  [
    'an edit that was done',
    {
      ...tool(
        'Edit',
        { file_path: '/work/a.txt', old_string: 'two', new_string: '$&', replace_all: false },
        'PostToolUse',
      ),
      tool_response: { filePath: '/work/a.txt', originalFile: 'one\ntwo\ntwo\n' },
    },
    {
      kind: 'wrote',
      session,
      files: [
        {
          file: '/work/a.txt',
          written: { text: 'one\n$&\ntwo\n', before: 'one\ntwo\ntwo\n' },
        },
      ],
    },
  ],
  [
    'a write that was done',
    {
      ...tool('Write', { file_path: '/work/a.txt', content: 'x' }, 'PostToolUse'),
      tool_response: {},
    },
    { kind: 'wrote', session, files: [{ file: '/work/a.txt', written: { text: 'x' } }] },
  ],
  [
    'the end of a session',
    { ...COMMON, hook_event_name: 'SessionEnd', reason: 'other' },
    { kind: 'session-ended', session },
  ],
  ['another tool', tool('Bash', { command: 'ls' }), undefined],
  ['a tool without a file', tool('Edit', {}), undefined],
  ['no object', null, undefined],
  ['another form', { hook_event_name: 7, tool_input: [] }, undefined],
] as const) {
  test(`Claude Code tells of ${what}`, () => assert.deepEqual(claudeEvent(input), event));
}

test('Claude Code is answered in the form that it reads', () => {
  const input = tool('Edit', {});
  assert.deepEqual(claudeOutput(input, { kind: 'denied', reason: 'Ada has it.' }), {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: 'Ada has it.',
    },
  });
  assert.deepEqual(claudeOutput(tool('Edit', {}, 'PostToolUse'), { kind: 'told', text: 'News' }), {
    hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext: 'News' },
  });
  assert.deepEqual(claudeOutput(input, { kind: 'goes-on', reason: 'A ticket.' }), {
    decision: 'block',
    reason: 'A ticket.',
  });
  assert.equal(claudeOutput(input, { kind: 'nothing' }), undefined);
});
