import type { OpProgress } from '../world/backup.ts';
import type { Terminal } from './terminal.ts';

/** Notes every tenth of the way, so that a long one is seen to go on and a short one is quiet. */
export function showProgress(terminal: Terminal, verb: string): (progress: OpProgress) => void {
  let told = 0;
  return ({ ops, totalOps }) => {
    const tenths = Math.floor((10 * ops) / Math.max(1, totalOps));
    if (tenths <= told || tenths === 10) return;
    told = tenths;
    terminal.note(`${verb} ${ops} of ${totalOps} ops`);
  };
}

/** Shows who watches how many files are done, and tells every tenth of the way to `onTenth`. */
export function showFileProgress(
  terminal: Terminal,
  onTenth: (done: number, total: number) => void = () => undefined,
): (done: number, total: number) => void {
  let told = 0;
  return (done, total) => {
    terminal.progress(done < total ? `${done} of ${total} files` : undefined);
    const tenths = Math.floor((10 * done) / Math.max(1, total));
    if (tenths > told && tenths < 10) onTenth(done, total);
    told = tenths === 10 ? 0 : tenths;
  };
}
