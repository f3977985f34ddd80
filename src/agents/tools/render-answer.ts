/**
 * Owns: an answer as one text for a model: it says all that the answer holds, since some clients show a
 * model only one of the two. Does not know: how it is sent.
 */
import type {
  Answer,
  Body,
  ClaimView,
  Excerpt,
  FileNews,
  MessageView,
  News,
  TicketView,
} from './answer.ts';

export function renderAnswer({ outcome, code, message, next, body, world, news }: Answer): string {
  const head = code === 'ok' ? message : `[${outcome}: ${code}] ${message}`;
  const parts = [
    head,
    renderBody(body),
    next.map((each) => `- ${each}`).join('\n'),
    renderNews(news),
    world ? `(World ${world.name}, op ${world.headSeq}.)` : '',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What is new beside the answer; empty when nothing is. */
export function renderNews(news: News): string {
  const { more } = news;
  const rows = [...newsRows(news), ...(more > 0 ? [`${more} more: ask for news.`] : [])];
  return rows.length === 0 ? '' : `News since your last call:\n${rows.join('\n')}`;
}

/** All that is in news, but not how much of it waits. */
export function newsRows(news: News): readonly string[] {
  return [
    ...news.changes.map(changeText),
    ...news.messages.map(messageText),
    ...news.claims.map((claim) => `Claim: ${claimText(claim)}`),
    ...news.tickets,
    ...news.restorations,
    ...news.folder,
  ];
}

function renderBody(body: Body): string {
  switch (body.kind) {
    case 'none':
      return '';
    case 'files':
      return rows(
        body.files.map((file) =>
          file.kind === 'text'
            ? `${file.path} (version ${file.version}, text, ${file.lines} lines, ${file.bytes} bytes)`
            : `${file.path} (version ${file.version}, binary, ${file.bytes} bytes)`,
        ),
      );
    case 'text': {
      const end = body.endsWithNewline ? 'ends with a line end' : 'no line end at its end';
      const facts = `${body.path}, version ${body.version}, lines ${body.firstLine}-${body.lastLine} of ${body.totalLines}, range hash ${body.rangeHash}, content hash ${body.contentHash}, ${body.lineEnds}, ${end}`;
      return `${facts}\n${body.text}`;
    }
    case 'outside':
      return `${body.path} (not in the world; only to look at), lines ${body.firstLine}-${body.lastLine} of ${body.totalLines}\n${body.text}`;
    case 'binary':
      return `${body.path}, version ${body.version}, ${body.bytes} bytes`;
    case 'matches':
      return rows(
        body.files.map(({ path, version, matches }) =>
          [`${path} (version ${version})`, ...matches.map(({ text }) => text)].join('\n'),
        ),
      );
    case 'changed':
      return rows(
        body.files.map((file) => {
          const from = file.from === undefined ? '' : ` (was ${file.from})`;
          const moved = file.rebased ? ', moved along with what others changed' : '';
          const first = `${file.path}${from}: ${file.what}, version ${file.version}${moved}`;
          return [first, ...file.notes, ...file.around.map(excerptText)].join('\n');
        }),
      );
    case 'ticket':
      return ticketText(body.ticket);
    case 'tickets':
      return rows(body.tickets.map(ticketText));
    case 'places':
      return rows([...body.places.map(excerptText), body.difference].filter((each) => each !== ''));
    case 'claims':
      return rows(body.claims.map(claimText));
    case 'messages':
      return rows([
        ...body.messages.map(messageText),
        ...(body.after > 0 ? [`Up to message ${body.after}.`] : []),
      ]);
    case 'history':
      return rows(
        body.ops.map((op) => {
          const version = op.version > 0 ? ` version ${op.version}` : '';
          const lines = op.firstLine > 0 ? `, lines ${op.firstLine}-${op.lastLine}` : '';
          return `#${op.opSeq} ${timeText(op.atMs)} ${op.author}: ${op.kind} ${op.path}${version}${lines}`;
        }),
      );
    case 'blame':
      return rows([
        `${body.path}, version ${body.version}`,
        ...body.runs.map((run) => {
          const kind = run.isImported ? `${run.kind}, came with the folder` : run.kind;
          return `${run.firstLine}-${run.lastLine} ${run.author} (${kind}) #${run.opSeq} ${timeText(run.atMs)}`;
        }),
      ]);
    case 'checkpoints':
      return rows(
        body.checkpoints.map(
          ({ opSeq, name, author, atMs }) => `#${opSeq} ${name}, by ${author}, ${timeText(atMs)}`,
        ),
      );
    case 'members':
      return rows(
        body.members.map(({ name, kind, role, isSelf, at }) => {
          const places = at.map(({ path, line, activity }) =>
            `${path}${line > 0 ? `:${line}` : ''} ${activity}`.trim(),
          );
          return `${name}${isSelf ? ' (you)' : ''}, ${kind}, ${role}${places.length > 0 ? `: ${places.join('; ')}` : ''}`;
        }),
      );
    case 'snapshot':
      return `${body.folder}: ${body.files} files, ${body.bytes} bytes, as of op ${body.opSeq}`;
    case 'export':
      return `${body.branch} at ${body.commit}: ${body.commits} commits, ${body.files} files`;
    case 'waited':
      return rows([...body.happened]);
  }
}

function excerptText({ path, version, firstLine, lastLine, text }: Excerpt): string {
  return `${path}, version ${version}, lines ${firstLine}-${lastLine}:\n${text}`;
}

function ticketText({ ticket, path, kind, reason, author, others, parts }: TicketView): string {
  const against = others.length === 0 ? '' : `, against text of ${others.join(' and ')}`;
  const places = parts.flatMap((part) => [
    `${part.path}, lines ${part.firstLine}-${part.lastLine}`,
    'It was made on:',
    part.baseText,
    'Proposed:',
    part.proposedText,
    'There now:',
    part.textNow,
  ]);
  return [
    `Ticket ${ticket}: ${kind} of ${path} by ${author} (${reason})${against}`,
    ...places,
  ].join('\n');
}

function claimText({
  claim,
  path,
  firstLine,
  lastLine,
  holder,
  isOwn,
  reason,
  endsAtMs,
}: ClaimView): string {
  const lines = firstLine > 0 ? ` lines ${firstLine}-${lastLine}` : ' (all of it)';
  const why = reason === '' ? '' : `: ${reason}`;
  return `${claim} ${path}${lines}, ${holder}${isOwn ? ' (you)' : ''}, until ${timeText(endsAtMs)}${why}`;
}

function messageText({ message, from, to, text, atMs }: MessageView): string {
  return `Message ${message} from ${from} to ${to === '' ? 'all' : to}, ${timeText(atMs)}: ${text}`;
}

function changeText({
  path,
  from,
  what,
  fromVersion,
  toVersion,
  authors,
  diff,
  isCut,
}: FileNews): string {
  const moved = from === undefined ? '' : ` (was ${from})`;
  const cut = isCut ? ' The diff is cut: read the file.' : '';
  const head = `${path}${moved} ${what} by ${authors.join(' and ')}, version ${fromVersion} to ${toVersion}.${cut}`;
  return diff === '' ? head : `${head}\n${diff}`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function rows(lines: readonly string[]): string {
  return lines.join('\n');
}
