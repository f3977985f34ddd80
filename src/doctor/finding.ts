export type Verdict = 'OK' | 'WARN' | 'FAIL';

/** What one look came to, in one sentence. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
}

/** For the findings of one check. */
export function findingsOf(check: string) {
  const make =
    (verdict: Verdict) =>
    (message: string): Finding => ({ check, verdict, message });
  return { ok: make('OK'), warn: make('WARN'), fail: make('FAIL') };
}

/** Bytes as a person reads them. */
export function describeBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let [amount, unit] = [bytes, 0];
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

/** A number of things, with the word for them. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
