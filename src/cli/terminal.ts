/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  /** One line of result, for people. Nothing with `--json`. */
  line(text: string): void;
  /** A result for programs, as one line of JSON. Nothing without `--json`. */
  json(value: unknown): void;
  /** What goes on meanwhile. */
  note(text: string): void;
  /** How far something is, in place of what this said before; only for people who watch. Nothing ends it. */
  progress(text: string | undefined): void;
}

export function openTerminal(isJson: boolean): Terminal {
  const isWatched = process.stderr.isTTY && !isJson;
  let isShown = false;
  const clear = (): void => {
    if (isShown) process.stderr.write(CLEAR_LINE);
    isShown = false;
  };
  return {
    line(text) {
      if (isJson) return;
      clear();
      process.stdout.write(`${printable(text)}\n`);
    },
    json: (value) => void (isJson && process.stdout.write(`${JSON.stringify(value)}\n`)),
    note(text) {
      clear();
      process.stderr.write(`${printable(text)}\n`);
    },
    progress(text) {
      clear();
      if (text === undefined || !isWatched) return;
      process.stderr.write(printable(text));
      isShown = true;
    },
  };
}

const CLEAR_LINE = '\r\u001b[K';

/** Names and paths come from others: they must not steer the terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');
}
