import { pathToFileURL } from 'node:url';
const root = process.argv[2]!;
const im = (p: string) => import(pathToFileURL(`${root}/${p}`).href);
const { TestWorld, insert } = await im('test/unit/module/test-world.ts');
const { bundle } = await im('test/contract/world-lab.ts');
const { ReplayedWorld } = await im('src/world/replayed-world.ts');
const { LogVerifier } = await im('src/core/verify-log.ts');
const { nativeHash } = await im('src/world/native-hash.ts');
const { opRecordOf } = await im('src/world/world-rows.ts');
const world = await TestWorld.create();
const files: number[] = [];
for (let f = 0; f < 20; f++) files.push(world.createFile(world.owner, `f${f}.txt`, Array.from({length: 300}, (_, i) => `line ${i} of file ${f} with some words in it`).join('\n')));
const v = files.map(() => 1);
for (let i = 0; i < 5000; i++) { const f = i % 20; world.edit(world.owner, files[f], v[f], insert((i * 7) % 300, i % 5, 'x')); v[f]++; }
const ops = world.rows('file_op').map(opRecordOf);
const parts = new Map(world.rows('content_chunk').map((r: any) => [r.hash, r]));
const src = new TextDecoder().decode(await bundle());
const cpu = (f: () => void) => { const c = process.cpuUsage(); f(); const d = process.cpuUsage(c); return Math.round((d.user + d.system) / 1000); };
const out: number[][] = [];
for (let r = 0; r < 12; r++) {
  let w: any;
  const load = cpu(() => { w = new ReplayedWorld(src, (k: string) => parts.get(k)); });
  const enc = cpu(() => { for (const op of ops) w.encode(op); });
  const rep = cpu(() => { for (const op of ops) { const f = w.take(op, w.encode(op)); if (f) throw new Error(JSON.stringify(f)); } const f = w.settle(); if (f) throw new Error(JSON.stringify(f)); });
  const ver = cpu(() => { const lv = new LogVerifier(nativeHash, (k: string) => parts.get(k)); for (const op of ops) lv.add(op); lv.finish(); });
  out.push([load, enc, rep, ver]);
}
console.log('load encode replay verify', JSON.stringify(out));
