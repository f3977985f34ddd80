import { at, textAt } from '../agents/hooks/input-fields.ts';

/** What of a block is text; what else it is is named. */
export function textOf(block: unknown): string {
  switch (textAt(block, 'type')) {
    case 'text':
      return textAt(block, 'text') ?? '';
    case 'resource_link':
      return textAt(block, 'uri') ?? '';
    case 'resource':
      return textAt(at(block, 'resource'), 'text') ?? textAt(at(block, 'resource'), 'uri') ?? '';
    case 'image':
    case 'audio':
      return `[${textAt(block, 'mimeType') ?? textAt(block, 'type')}]`;
    default:
      return '';
  }
}
