import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostLog } from '../../../src/host/log.ts';
import { ModuleInstance } from '../../../src/host/module-instance.ts';
import { ModuleProgram } from '../../../src/host/module-loader.ts';
import type { ModuleHost } from '../../../src/host/system-calls.ts';

/** A module that says when it is evaluated, and counts in its globals. */
const source = `
import { moduleHooks, console_log } from 'spacetime:sys@2.0';
console_log(2, 'evaluated');
let uses = 0;
const schema = { [moduleHooks]: () => ({ uses: () => ++uses }) };
export { schema as default };
`;

function stage() {
  let nowMicros = 0n;
  let evaluated = 0;
  const warnings: string[] = [];
  const host = { log: () => evaluated++ } as unknown as ModuleHost;
  const log = { warn: (event: string) => warnings.push(event) } as unknown as HostLog;
  const clock = { nowMicros: () => nowMicros, after: () => () => {} };
  const instance = new ModuleInstance(new ModuleProgram(source, 'strict'), host, { clock, log });
  return {
    instance,
    warnings,
    evaluated: () => evaluated,
    uses: () => (instance.hooks as unknown as { uses(): number }).uses(),
    advance: (byMicros: bigint) => (nowMicros += byMicros),
  };
}

test('an instance that is replaced has new globals', () => {
  const { instance, uses } = stage();
  assert.deepEqual([uses(), uses()], [1, 2]);
  instance.replace();
  assert.equal(uses(), 1);
});

test('somebody who causes fatal errors all the time does not keep the host busy with them', () => {
  const { instance, warnings, evaluated, uses, advance } = stage();
  const before = evaluated();
  for (let index = 0; index < 1000; index++) instance.replace();
  assert.equal(evaluated() - before, 20);
  assert.equal(warnings.length, 980);
  assert.equal(uses(), 1, 'it goes on');
  advance(10_000_001n);
  instance.replace();
  assert.equal(evaluated() - before, 21);
});
