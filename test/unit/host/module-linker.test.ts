import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { linkBundle } from '../../../src/host/module-linker.ts';

/** What a bundle exports when it is linked with these modules. */
function run(source: string, modules: Record<string, object>): Record<string, unknown> {
  const { code, imports } = linkBundle(source);
  const factory = vm.runInNewContext(code) as (...given: object[]) => Record<string, unknown>;
  return factory(...imports.map((name) => modules[name]!));
}

const modules = {
  'spacetime:sys@2.0': { hooks: 1, other: 2 },
  'spacetime:sys@2.1': { clear: 3 },
};

test('a readable bundle is linked', () => {
  const source = `import * as sys from "spacetime:sys@2.0";
import { hooks, other as second } from "spacetime:sys@2.0";
import * as newer from 'spacetime:sys@2.1';
const sum = sys.hooks + hooks + second + newer.clear;
export {
  sum as default,
  second
};
`;
  assert.deepEqual({ ...run(source, modules) }, { default: 7, second: 2 });
});

test('a bundle without white space is linked, with imports that follow each other', () => {
  const source =
    'var a=1;import*as s from"spacetime:sys@2.0";import{hooks}from"spacetime:sys@2.0";' +
    'import*as n from"spacetime:sys@2.1";var b=a+s.other+hooks+n.clear;export{b as default,a};';
  assert.deepEqual({ ...run(source, modules) }, { default: 7, a: 1 });
});

test('text that only looks like an import stays text', () => {
  const source = 'const a = "x;import y from z";\nexport { a as default };';
  assert.deepEqual({ ...run(source, modules) }, { default: 'x;import y from z' });
});
