/**
 * The world's schema, for the module and for clients: each builds its own from these factories,
 * clients without the private tables, and nobody writes bindings twice.
 */
export { privateTables } from './schema-private.ts';
export { reducerArguments } from './schema-reducers.ts';
export { publicTables } from './schema-tables.ts';
export { type SchemaKit, type WorldTypes, worldTypes } from './schema-types.ts';
