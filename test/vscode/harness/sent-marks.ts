// Which marks the extension host sends to a window: what is drawn of them is VS Code's business.
import type { EditorWindow } from './window.ts';

/** The lines of a mark, from 1, as VS Code numbers them. */
export interface SentMark {
  readonly firstLine: number;
  readonly lastLine: number;
}

interface SentOption {
  readonly range: { readonly startLineNumber: number; readonly endLineNumber: number };
  readonly hoverMessage?: unknown;
}

export interface SentMarks {
  /** Of each time that marks were sent whose hover has a text, the marks; in order. */
  all(): readonly (readonly SentMark[])[];
  /** Begins anew. */
  forget(): void;
  stop(): Promise<void>;
}

/** Listens to what comes to the page by its sockets. */
export async function watchSentMarks(window: EditorWindow, hoverText: string): Promise<SentMarks> {
  const client = await window.page.context().newCDPSession(window.page);
  let received: Buffer[] = [];
  client.on('Network.webSocketFrameReceived', ({ response }) => {
    const encoding = response.opcode === 1 ? 'utf8' : 'base64';
    received.push(Buffer.from(response.payloadData, encoding));
  });
  await client.send('Network.enable');
  return {
    all: () => sentIn(Buffer.concat(received).toString('utf8'), hoverText),
    forget() {
      received = [];
    },
    stop: () => client.detach(),
  };
}

/** A call is its name and, behind some bytes, its arguments as JSON: the editor, the kind of mark, and the marks. */
function sentIn(stream: string, hoverText: string): readonly (readonly SentMark[])[] {
  const calls = stream.split('$trySetDecorations').slice(1);
  return calls.flatMap((call) => {
    const [, json] = /^.{0,16}?(\["[^"]*","[^"]*",\[\{.*?\}\]\])/s.exec(call) ?? [];
    if (json === undefined || !json.includes(hoverText)) return [];
    const [, , options] = JSON.parse(json) as readonly [string, string, readonly SentOption[]];
    return [
      options.map(({ range }) => ({
        firstLine: range.startLineNumber,
        lastLine: range.endLineNumber,
      })),
    ];
  });
}
