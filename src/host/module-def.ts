import {
  readAlgebraicType,
  readProduct,
  resolveType,
  type AlgebraicType,
  type NamedType,
  type Typespace,
} from './bsatn/algebraic-type.ts';
import { BsatnReader } from './bsatn/reader.ts';
import type { Strictness } from './module-context.ts';

export interface IndexDef {
  /** The name the module looks it up by. */
  readonly sourceName: string;
  readonly canonicalName: string | null;
  /** What generated clients call it. */
  readonly accessorName: string | null;
  readonly columns: readonly number[];
}

export interface SequenceDef {
  readonly column: number;
  readonly start: bigint | null;
  readonly max: bigint | null;
  readonly increment: bigint;
}

export interface TableDef {
  readonly sourceName: string;
  /** The name clients and queries use. */
  readonly name: string;
  readonly columns: readonly NamedType[];
  readonly primaryKey: readonly number[];
  readonly indexes: readonly IndexDef[];
  readonly uniqueConstraints: readonly (readonly number[])[];
  readonly sequences: readonly SequenceDef[];
  readonly isPublic: boolean;
  readonly isEvent: boolean;
  /** BSATN of the value an old row gets for a column that was added later. */
  readonly defaults: ReadonlyMap<number, Buffer>;
}

export type Lifecycle = 'init' | 'connect' | 'disconnect';

export interface ReducerDef {
  readonly sourceName: string;
  readonly name: string;
  readonly params: readonly NamedType[];
  /** False for lifecycle and scheduled reducers, which clients may not call. */
  readonly clientCallable: boolean;
}

export interface ProcedureDef {
  readonly sourceName: string;
  readonly name: string;
  readonly params: readonly NamedType[];
  readonly returns: AlgebraicType;
}

export interface ScheduleDef {
  readonly tableName: string;
  readonly atColumn: number;
  readonly functionName: string;
}

export interface RouteDef {
  readonly handlerIndex: number;
  /** An upper-case method, or null for any. */
  readonly method: string | null;
  readonly path: string;
}

/** What a module says of itself. Functions are called by their position in these lists. */
export interface ModuleDef {
  readonly typespace: Typespace;
  readonly tables: readonly TableDef[];
  readonly reducers: readonly ReducerDef[];
  readonly procedures: readonly ProcedureDef[];
  readonly schedules: readonly ScheduleDef[];
  /** Positions of the lifecycle reducers. */
  readonly lifecycle: ReadonlyMap<Lifecycle, number>;
  readonly routes: readonly RouteDef[];
}

/**
 * Reads what `__describe_module__` returns. Throws an `Error` that names what is wrong with it, or
 * what this host does not support: other definition versions, views, row level security, submodules.
 */
export function readModuleDef(bytes: Buffer, strictness: Strictness = 'strict'): ModuleDef {
  const reader = new BsatnReader(bytes);
  if (reader.u8() !== 2) throw new Error('the module was built for another version of SpacetimeDB');
  const raw = emptySections();
  const count = reader.u32();
  for (let index = 0; index < count; index++) readSection(reader, raw);
  if (strictness === 'strict') refuseRepeatedNames(raw.typeNames);
  return assemble(raw);
}

interface RawIndex {
  readonly sourceName: string | null;
  readonly accessorName: string | null;
  readonly columns: readonly number[];
}

interface RawTable {
  readonly sourceName: string;
  readonly typeRef: number;
  readonly primaryKey: readonly number[];
  readonly indexes: readonly RawIndex[];
  readonly uniqueConstraints: readonly (readonly number[])[];
  readonly sequences: readonly SequenceDef[];
  readonly isPublic: boolean;
  readonly defaults: ReadonlyMap<number, Buffer>;
  readonly isEvent: boolean;
}

interface RawFunction {
  readonly sourceName: string;
  readonly params: readonly NamedType[];
  readonly returns: AlgebraicType;
}

interface RawRoute {
  readonly handler: string;
  readonly method: string | null;
  readonly path: string;
}

interface Sections {
  typespace: AlgebraicType[];
  typeNames: string[];
  tables: RawTable[];
  reducers: RawFunction[];
  procedures: RawFunction[];
  schedules: { tableName: string; atColumn: number; functionName: string }[];
  lifecycle: { kind: Lifecycle; functionName: string }[];
  handlers: string[];
  routes: RawRoute[];
  tableNames: Map<string, string>;
  functionNames: Map<string, string>;
  indexNames: Map<string, string>;
  snakeCase: boolean;
}

function emptySections(): Sections {
  return {
    typespace: [],
    typeNames: [],
    tables: [],
    reducers: [],
    procedures: [],
    schedules: [],
    lifecycle: [],
    handlers: [],
    routes: [],
    tableNames: new Map(),
    functionNames: new Map(),
    indexNames: new Map(),
    snakeCase: true,
  };
}

function readSection(reader: BsatnReader, raw: Sections): void {
  const tag = reader.u8();
  switch (tag) {
    case 0:
      raw.typespace = reader.array(() => readAlgebraicType(reader));
      return;
    case 1:
      raw.typeNames = reader.array(() => readTypeName(reader));
      return;
    case 2:
      raw.tables = reader.array(() => readTable(reader));
      return;
    case 3:
      raw.reducers = reader.array(() => readReducer(reader));
      return;
    case 4:
      raw.procedures = reader.array(() => readProcedure(reader));
      return;
    case 5:
      refuseAny(reader, 'views');
      return;
    case 6:
      raw.schedules = reader.array(() => readSchedule(reader));
      return;
    case 7:
      raw.lifecycle = reader.array(() => readLifecycle(reader));
      return;
    case 8:
      refuseAny(reader, 'row level security');
      return;
    case 9:
      raw.snakeCase = reader.u8() === 1;
      return;
    case 10:
      reader.array(() => readExplicitName(reader, raw));
      return;
    case 11:
      raw.handlers = reader.array(() => reader.string());
      return;
    case 12:
      raw.routes = reader.array(() => readRoute(reader));
      return;
    case 13:
      refuseAny(reader, 'views');
      return;
    case 14:
      refuseAny(reader, 'submodules');
      return;
    default:
      throw new Error(`the module definition has an unknown section ${tag}`);
  }
}

function refuseAny(reader: BsatnReader, what: string): void {
  if (reader.u32() > 0) throw new Error(`this host does not support ${what}`);
}

function readTypeName(reader: BsatnReader): string {
  const scope = reader.array(() => reader.string());
  const name = reader.string();
  reader.u32();
  reader.bool();
  return [...scope, name].map(pascalCase).join('::');
}

/** A table's row type is one of them: its library names it after the table. */
function refuseRepeatedNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new Error(`name \`${name}\` is used for multiple types`);
    seen.add(name);
  }
}

function readColumns(reader: BsatnReader): number[] {
  return reader.array(() => reader.u16());
}

function readTable(reader: BsatnReader): RawTable {
  return {
    sourceName: reader.string(),
    typeRef: reader.u32(),
    primaryKey: readColumns(reader),
    indexes: reader.array(() => readIndex(reader)),
    uniqueConstraints: reader.array(() => readUniqueConstraint(reader)),
    sequences: reader.array(() => readSequence(reader)),
    ...readTableKind(reader),
    defaults: new Map(
      reader.array((): [number, Buffer] => [reader.u16(), Buffer.from(reader.bytes())]),
    ),
    isEvent: reader.bool(),
  };
}

function readTableKind(reader: BsatnReader): { isPublic: boolean } {
  reader.u8(); // system or user: modules define user tables only
  return { isPublic: reader.u8() === 0 };
}

function readIndex(reader: BsatnReader): RawIndex {
  const sourceName = reader.option(() => reader.string());
  const accessorName = reader.option(() => reader.string());
  // B-tree, hash and direct indexes answer the same questions; this host has one kind for all.
  const algorithm = reader.u8();
  const columns = algorithm === 2 ? [reader.u16()] : readColumns(reader);
  return { sourceName, accessorName, columns };
}

function readUniqueConstraint(reader: BsatnReader): number[] {
  reader.option(() => reader.string());
  if (reader.u8() !== 0) throw new RangeError('an unknown kind of constraint');
  return readColumns(reader);
}

function readSequence(reader: BsatnReader): SequenceDef {
  reader.option(() => reader.string());
  const column = reader.u16();
  const start = reader.option(() => reader.integer(16, true));
  reader.option(() => reader.integer(16, true));
  const max = reader.option(() => reader.integer(16, true));
  return { column, start, max, increment: reader.integer(16, true) };
}

function readReducer(reader: BsatnReader): RawFunction {
  const sourceName = reader.string();
  const params = readProduct(reader);
  reader.u8();
  const returns = readAlgebraicType(reader);
  readAlgebraicType(reader);
  return { sourceName, params, returns };
}

function readProcedure(reader: BsatnReader): RawFunction {
  const sourceName = reader.string();
  const params = readProduct(reader);
  const returns = readAlgebraicType(reader);
  reader.u8();
  return { sourceName, params, returns };
}

function readSchedule(reader: BsatnReader) {
  reader.option(() => reader.string());
  return {
    tableName: reader.string(),
    atColumn: reader.u16(),
    functionName: reader.string(),
  };
}

function readLifecycle(reader: BsatnReader): { kind: Lifecycle; functionName: string } {
  const kind = (['init', 'connect', 'disconnect'] as const)[reader.u8()];
  if (kind === undefined) throw new RangeError('an unknown lifecycle reducer');
  return { kind, functionName: reader.string() };
}

function readExplicitName(reader: BsatnReader, raw: Sections): void {
  const maps = [raw.tableNames, raw.functionNames, raw.indexNames];
  const map = maps[reader.u8()];
  if (map === undefined) throw new RangeError('an unknown kind of name');
  map.set(reader.string(), reader.string());
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

function readRoute(reader: BsatnReader): RawRoute {
  const handler = reader.string();
  const method = reader.u8() === 0 ? null : readMethod(reader);
  return { handler, method, path: reader.string() };
}

function readMethod(reader: BsatnReader): string {
  return METHODS[reader.u8()] ?? reader.string();
}

function assemble(raw: Sections): ModuleDef {
  const nameOf = (explicit: Map<string, string>, sourceName: string) =>
    explicit.get(sourceName) ?? (raw.snakeCase ? snakeCase(sourceName) : sourceName);
  const functionName = (sourceName: string) => nameOf(raw.functionNames, sourceName);
  const hidden = new Set([
    ...raw.schedules.map((schedule) => schedule.functionName),
    ...raw.lifecycle.map((hook) => hook.functionName),
  ]);
  return {
    typespace: raw.typespace,
    tables: raw.tables.map((table) => assembleTable(table, raw, nameOf)),
    reducers: raw.reducers.map(({ sourceName, params }) => ({
      sourceName,
      name: functionName(sourceName),
      params,
      clientCallable: !hidden.has(sourceName),
    })),
    procedures: raw.procedures.map((procedure) => ({
      ...procedure,
      name: functionName(procedure.sourceName),
    })),
    schedules: raw.schedules.map((schedule) => ({
      ...schedule,
      tableName: nameOf(raw.tableNames, schedule.tableName),
      functionName: functionName(schedule.functionName),
    })),
    lifecycle: new Map(
      raw.lifecycle.map((hook) => [
        hook.kind,
        raw.reducers.findIndex((reducer) => reducer.sourceName === hook.functionName),
      ]),
    ),
    routes: raw.routes.map((route) => ({
      handlerIndex: raw.handlers.indexOf(route.handler),
      method: route.method,
      path: route.path,
    })),
  };
}

function assembleTable(
  table: RawTable,
  raw: Sections,
  nameOf: (explicit: Map<string, string>, sourceName: string) => string,
): TableDef {
  const rowType = resolveType({ tag: 'ref', index: table.typeRef }, raw.typespace);
  if (rowType.tag !== 'product') throw new RangeError(`table ${table.sourceName} has no columns`);
  return {
    ...table,
    name: nameOf(raw.tableNames, table.sourceName),
    columns: rowType.elements,
    indexes: table.indexes.map((index) => ({
      sourceName: index.sourceName ?? '',
      canonicalName: raw.indexNames.get(index.sourceName ?? '') ?? null,
      accessorName: index.accessorName,
      columns: index.columns,
    })),
  };
}

/** SpacetimeDB's canonical spelling of a type. */
function pascalCase(name: string): string {
  const words = snakeCase(name).split('_');
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

/** SpacetimeDB's canonical spelling: words split at case changes and around digits. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .replace(/(\d)([A-Za-z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase();
}
