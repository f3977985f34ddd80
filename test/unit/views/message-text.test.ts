import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTrailers } from '../../../src/git/commit-message.ts';
import { DEFAULT_RAILS, type RailFinding } from '../../../src/git/guard-rails.ts';
import { messageIn, type MessageParts, messageText } from '../../../src/views/git/message-text.ts';

const TRAILERS = {
  world: 'notes',
  epoch: 'ab'.repeat(32),
  firstSeq: 3,
  lastSeq: 9,
  chainHash: 'cd'.repeat(32),
  coAuthors: [],
};

function parts(mode: MessageParts['mode'], findings: readonly RailFinding[] = []): MessageParts {
  const message = withTrailers('Change a.txt\n\n- Ann: a.txt', TRAILERS);
  const commit = { id: 'ef'.repeat(20), author: 'Ann <ann@example.org>', message, files: 1 };
  const changes = [{ path: 'a.txt', before: '1', after: '2' }];
  return {
    preview: {
      upTo: 9,
      parents: [],
      commits: [commit],
      changes,
      secrets: [],
      replacedLinks: [],
      last: undefined,
    },
    mode,
    branch: 'world/notes',
    findings,
    rails: DEFAULT_RAILS,
    words: {
      howTo: 'How to',
      branch: 'On a branch',
      blocks: 'Blocks:',
      warns: 'Worth knowing:',
      commits: 'Commits:',
      trailers: 'Trailers:',
    },
  };
}

test('what was proposed and left alone is no choice, and what was written is', () => {
  const one = parts('one');
  const text = messageText(one);
  assert.equal(messageIn(text, one), '');
  assert.equal(messageIn(text.replaceAll('\n', '\r\n'), one), '');
  assert.equal(messageIn(`Fix: ${text}`, one), 'Fix: Change a.txt\n\n- Ann: a.txt');
  const many = parts('authors');
  assert.equal(messageIn(messageText(many), many), '', 'each commit has its own');
  assert.equal(messageIn(`Said\n${messageText(many)}`, many), 'Said');
});

test('what holds the export up stands apart from what is worth knowing', () => {
  const finding = (rail: RailFinding['rail'], path: string): RailFinding => {
    return { rail, path, line: 0, who: 'Bob', what: 'overlap' };
  };
  const text = messageText(parts('one', [finding('tickets', 'a.txt'), finding('claims', 'b.txt')]));
  assert.match(text, /^# Blocks:\n# {3}a\.txt: a conflict .*\n#\n# Worth knowing:\n# {3}b\.txt: /m);
  assert.match(text, /^# Trailers:\n# {3}Agent-World: notes$/m);
  assert.match(text, /^# On a branch\n# {3}M a\.txt$/m);
});
