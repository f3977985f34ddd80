/** Owns: what a model is told of the server before its first call; some clients show it nothing else. */

export function instructions(worldName: string): string {
  return [
    `You work in "${worldName}", where people and other agents edit the same files at the same time.`,
    'Read a file before you edit it. An edit names the text that you read; what others changed elsewhere stays.',
    'Where an edit meets a change of somebody else nothing is overwritten: the answer has the code `ticket` or a refusal, both texts, and what you can do.',
    'Every answer ends with what others changed since your last call. Take it into account.',
    'Never work around a refusal by writing the whole file again.',
  ].join('\n');
}
