/** Owns: arguments that several tools have, in the same words. */
import { type JsonSchema, text, whole } from './json-schema.ts';

const MOST = 4_294_967_295;

export const PATH = text('The file’s path in the world, such as src/app.ts.');
export const GLOB = text('Only files that fit, such as src/**/*.ts or {a,b}/*.md.');
export const LINE = (description: string): JsonSchema => whole(description, 1, MOST);

/** On which text a call was made; without either the last text that this agent was given counts. */
export const BASE: Readonly<Record<string, JsonSchema>> = {
  base_version: whole(
    'The version that the call was made on, as an answer named it. Leave it out to use the text that you were given last.',
    1,
    MOST,
  ),
  content_hash: text('In place of base_version: the content hash that an answer named.'),
};
