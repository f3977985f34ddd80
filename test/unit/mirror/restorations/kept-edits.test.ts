import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '../../../../src/core/text.ts';
import { keptEdits } from '../../../../src/mirror/restorations/kept-edits.ts';

const BASE = 'one\nfirst of Ada\nsecond of Ada\nthird of Ada\nfive\n';
/** A tool took out what Ada wrote. */
const LEFT = 'one\nfive\n';

interface Case {
  readonly kept?: string;
  readonly now: string;
  readonly is: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'nothing was written since': { now: LEFT, is: BASE },
  'a line was written since': { now: `${LEFT}six\n`, is: `${BASE}six\n` },
  'all of what the tool took out is there again': { now: BASE, is: BASE },
  'some of it is there again, and a new line': {
    now: 'one\nfirst of Ada\nfive\nsix\n',
    is: `${BASE}six\n`,
  },
  'the last of it is there again': { now: 'one\nthird of Ada\nfive\n', is: BASE },
  'the tool wrote a new line itself': {
    kept: `${BASE}six\n`,
    now: `${LEFT}six\nseven\n`,
    is: `${BASE}six\nseven\n`,
  },
};

for (const [name, { kept = BASE, now, is }] of Object.entries(CASES)) {
  test(`what gives way to old text is there once: ${name}`, () => {
    const base = Text.of(BASE);
    const left = kept === BASE ? LEFT : `${LEFT}six\n`;
    assert.equal(base.apply(keptEdits({ base, kept, left }, now)).toString(), is);
  });
}
