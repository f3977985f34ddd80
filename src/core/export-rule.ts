/** What a world asks of an export. */

/** `any`: agents’ work may be exported before people look at it. `reviewed`: only what people have kept or taken back of agents' work. */
export type ExportRule = 'any' | 'reviewed';

export const EXPORT_RULES: readonly ExportRule[] = ['any', 'reviewed'];
