/** Owns: arguments for the tools as a bad client or a bad model sends them: nearly right, or not at all. */
import fc from 'fast-check';
import type { JsonSchema } from '../../src/mcp/json-schema.ts';
import type { Tool } from '../../src/mcp/tool.ts';

export interface SomePlaces {
  /** Paths of the world, good ones and bad ones. */
  readonly paths: readonly string[];
  /** Folders of this machine that may be written to, or cannot be. */
  readonly folders: readonly string[];
}

/** Objects for one tool; most of them fit its schema. */
export function argumentsOf(tool: Tool, places: SomePlaces): fc.Arbitrary<Record<string, unknown>> {
  const fitting = (valueOf('', tool.input, places) as fc.Arbitrary<Record<string, unknown>>).map(
    // Nobody waits longer for what does not come.
    (args) =>
      tool.name === 'news' && Object.keys(args).length > 0 ? { ...args, seconds: 1 } : args,
  );
  const properties = Object.keys(tool.input['properties'] as object);
  // What a snapshot is written to is never left to chance.
  const others = properties.filter((name) => name !== 'folder');
  const key = others.length === 0 ? fc.constant('more') : fc.constantFrom(...others, 'more');
  const spoilt = fc
    .tuple(fitting, key, fc.oneof(fc.jsonValue(), fc.constant(null)))
    .map(([whole, name, value]) => ({ ...whole, [name]: value }));
  return fc.oneof(
    { weight: 6, arbitrary: fitting },
    { weight: 2, arbitrary: spoilt },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }) },
  );
}

function valueOf(name: string, schema: JsonSchema, places: SomePlaces): fc.Arbitrary<unknown> {
  const choices = schema['anyOf'] as readonly JsonSchema[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => valueOf(name, choice, places)));
  const values = schema['enum'] as readonly string[] | undefined;
  if (values) return fc.constantFrom(...values);
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, places);
    case 'array':
      return fc.array(valueOf(name, schema['items'] as JsonSchema, places), {
        minLength: 1,
        maxLength: 4,
      });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return numberOf(schema);
    default:
      return textOf(name, places);
  }
}

function objectOf(schema: JsonSchema, places: SomePlaces): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema['properties'] as Readonly<Record<string, JsonSchema>>);
  return fc.record(
    Object.fromEntries(properties.map(([key, each]) => [key, valueOf(key, each, places)])),
    { requiredKeys: schema['required'] as string[] },
  );
}

function numberOf(schema: JsonSchema): fc.Arbitrary<number> {
  const min = schema['minimum'] as number;
  const max = (schema['maximum'] as number | undefined) ?? 4_294_967_295;
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 5) }), fc.constant(max));
}

function textOf(name: string, { paths, folders }: SomePlaces): fc.Arbitrary<string> {
  if (name === 'folder') return fc.constantFrom(...folders);
  const path = fc.constantFrom(...paths);
  const wild = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...ODD));
  return name === 'path' || name === 'to' || name === 'glob'
    ? fc.oneof({ weight: 4, arbitrary: path }, wild)
    : fc.oneof(wild, fc.constantFrom('one', 'two\n', 'three'));
}

const ODD = [
  '',
  '\0',
  '\u{feff}',
  '\r\n\r',
  '__proto__',
  'constructor',
  '[',
  '(?<a>',
  '\\',
  '{a,{b,c}',
  '*** Begin Patch\n*** Add File: n.txt\n+new\n*** End Patch',
  '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+uno\n*** End Patch',
  '--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+due\n',
  '--- a/a.txt\n+++ b/a.txt\n@@ -999999999999,9 +1 @@\n',
];
