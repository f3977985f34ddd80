/** Owns: telling where in the world it got what a tool wrote in a folder. Does not know: who is told. */
import type { MirrorWorld, Verdict } from './mirror-world.ts';

/** A place that was written to, in a version that it made. */
export interface WrittenPlace {
  readonly fileId: number;
  readonly version: number;
  /** The first line that changed, from 0. */
  readonly line: number;
}

/** The same world; what it takes is told. */
export function tellingWrites(
  world: MirrorWorld,
  tell: (place: WrittenPlace) => void,
): MirrorWorld {
  const told = (verdict: Verdict, fileId: number | undefined, line = 0): Verdict => {
    if (verdict.tag === 'applied' && fileId !== undefined) {
      tell({ fileId, version: verdict.version, line });
    }
    return verdict;
  };
  return {
    ...world,
    async edit(fileId, baseVersion, changes, carried, facts) {
      const verdict = await world.edit(fileId, baseVersion, changes, carried, facts);
      return told(verdict, fileId, changes[0]?.startLine);
    },
    async replaceContent(fileId, baseVersion, content) {
      return told(await world.replaceContent(fileId, baseVersion, content), fileId);
    },
    async createAll(files) {
      const verdicts = await world.createAll(files);
      // Where several came at once the last one is where the tool is now.
      const [last, verdict] = [files.at(-1), verdicts.at(-1)];
      if (last && verdict) told(verdict, world.fileAt(last.path)?.fileId);
      return verdicts;
    },
  };
}
