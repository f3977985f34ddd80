import { ClientSession } from '../../src/host/client-session.ts';
import { TableIndex } from '../../src/host/datastore/table-index.ts';
import { Table } from '../../src/host/datastore/table.ts';

/** What an embedded host in this process answers while it is watched. */
export interface AnswerWatch {
  /** The size of each message that some client asked for, in bytes. */
  readonly answers: readonly number[];
  largest(): number;
  /** Rows that were looked at, by queries and by the module. */
  rowsRead(): number;
  reset(): void;
}

/** Watches every embedded host of this process until the test ends. */
export function watchAnswers(context: { after(end: () => void): void }): AnswerWatch {
  const answers: number[] = [];
  let rowsRead = 0;
  const send = methodOf(ClientSession.prototype, 'send');
  const many = methodOf(TableIndex.prototype, 'many');
  const range = methodOf(TableIndex.prototype, 'range');
  const allRows = methodOf(Table.prototype, 'allRows');
  const counted = <Rows extends readonly unknown[]>(rows: Rows): Rows => {
    rowsRead += rows.length;
    return rows;
  };
  ClientSession.prototype.send = function (frame) {
    answers.push(frame.length);
    send.call(this, frame);
  };
  TableIndex.prototype.many = function (key) {
    return counted(many.call(this, key));
  };
  TableIndex.prototype.range = function (wanted) {
    return counted(range.call(this, wanted));
  };
  Table.prototype.allRows = function () {
    return counted(allRows.call(this));
  };
  context.after(() => {
    Object.assign(ClientSession.prototype, { send });
    Object.assign(TableIndex.prototype, { many, range });
    Object.assign(Table.prototype, { allRows });
  });
  return {
    answers,
    largest: () => Math.max(0, ...answers),
    rowsRead: () => rowsRead,
    reset() {
      answers.length = 0;
      rowsRead = 0;
    },
  };
}

/** A method to be called with its object. */
function methodOf<Type, Name extends keyof Type>(prototype: Type, name: Name): Type[Name] {
  return prototype[name];
}
