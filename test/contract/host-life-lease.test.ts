import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { acquireFolderLease, folderKeyOf } from '../../src/host/folder-lease-client.ts';
import {
  exitOf,
  killHost,
  openHostLab,
  recordOf,
  startHostProcess,
  until,
  type HostLab,
} from '../harness/host-life.ts';

describe('S10: the lease of a folder', { timeout: 300_000 }, () => {
  let lab: HostLab;
  let home: string;
  let folder: string;
  let ended = new AbortController();
  const mirrors: Mirror[] = [];

  before(async () => {
    lab = await openHostLab();
    folder = path.join(lab.directory, 'folder');
    await mkdir(folder);
    home = lab.newHome();
  });
  afterEach(async () => {
    ended.abort();
    await Promise.all(mirrors.splice(0).map((mirror) => mirror.settled()));
    ended = new AbortController();
  });
  after(() => lab.dispose());

  /** A window that wants to mirror the folder. */
  function ask(world = 'world', place = folder, find = () => lab.ensure(home)): Mirror {
    const release = new AbortController();
    const mirror = new Mirror(release);
    mirrors.push(mirror);
    acquireFolderLease({
      uri: async () => (await find()).uri,
      world,
      folder: place,
      signal: AbortSignal.any([release.signal, ended.signal]),
      onGranted: (fence) => mirror.tell({ kind: 'granted', fence }),
      onWaiting: (ahead) => mirror.tell({ kind: 'waiting', ahead }),
      onLost: () => mirror.tell({ kind: 'lost' }),
    });
    return mirror;
  }

  it('goes to one window at a time, in the order they asked, with growing fences', async () => {
    const first = ask();
    const firstFence = await first.granted();
    const second = ask();
    assert.equal(await second.waiting(), 1);
    const third = ask();
    assert.equal(await third.waiting(), 2);

    first.release();
    const secondFence = await second.granted();
    assert.ok(secondFence > firstFence);
    assert.deepEqual(third.held, false);
    second.release();
    assert.ok((await third.granted()) > secondFence);
  });

  it('passes over a window that stopped waiting', async () => {
    const first = ask();
    await first.granted();
    const second = ask();
    await second.waiting();
    const third = ask();
    await third.waiting();
    second.release();
    first.release();
    await third.granted();
    assert.equal(second.held, false);
  });

  it('is one for every spelling of a folder, and another for another world', async () => {
    const link = path.join(lab.directory, 'link');
    await symlink(folder, link, 'junction');
    await ask('world', folder).granted();
    await ask('world', path.join(link, '..', 'link', '')).waiting();
    await ask('other-world', link).granted();
    await rm(link);
  });

  it('passes on when the process that holds it is killed', async () => {
    const child = path.join(lab.directory, 'hold-lease.cjs');
    const { uri } = await lab.ensure(home);
    await lab.bundle('test/harness/hold-lease-child.ts', child);
    const holder = spawn(process.execPath, [child, uri, 'world', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(holder.stdout), 'line');
    const { granted } = JSON.parse(String(line)) as { granted: number };
    const next = ask();
    await next.waiting();
    holder.kill('SIGKILL');
    assert.ok((await next.granted()) > granted);
  });

  it('is lost with the host, and asked for again where the host is now', async () => {
    const holder = ask();
    const before = await holder.granted();
    await killHost(home);
    await holder.lost();
    const afterKill = await holder.granted();
    assert.ok(afterKill > before, 'fences grow across a crash of the host');

    await lab.ensure(home, { version: '1.1.0' });
    await holder.lost();
    const afterHandover = await holder.granted();
    assert.ok(afterHandover > afterKill, 'fences grow across a handover');
  });

  it('keeps the host from ending as idle, and lets it end after', async () => {
    const idleHome = lab.newHome();
    const idle = () => lab.ensure(idleHome, { idleExitMs: 150 });
    const holder = ask('world', folder, idle);
    await holder.granted();
    const before = await recordOf(idleHome);
    // A host beside it that starts later, with the same idle time and nobody connected, ends first.
    const beside = startHostProcess(lab, lab.newHome(), '--idle-exit-ms', '150');
    assert.equal(await exitOf(beside), 0);
    assert.deepEqual(await recordOf(idleHome), before);
    assert.equal(holder.held, true);
    holder.release();
    // Not by asking the host, which would count as using it.
    await until(async () => (await recordOf(idleHome)) === undefined);
  });

  it('is refused to a request that names no folder', async () => {
    const { uri } = await lab.ensure(home);
    const folderKey = await folderKeyOf(folder);
    for (const query of [
      '',
      `?world=w`,
      `?folder=${folderKey}`,
      `?world=w&folder=../${folderKey}`,
    ]) {
      const socket = new WebSocket(`${uri.replace('http:', 'ws:')}agent-world/lease${query}`);
      const [error] = await once(socket, 'error');
      assert.match(String(error), /400/);
    }
  });
});

type LeaseEvent =
  | { readonly kind: 'granted'; readonly fence: number }
  | { readonly kind: 'waiting'; readonly ahead: number }
  | { readonly kind: 'lost' };

/** Remembers what a window was told, and lets a test wait for the next of a kind. */
class Mirror {
  held = false;
  readonly #controller: AbortController;
  readonly #unread: LeaseEvent[] = [];
  #wake: () => void = () => {};

  constructor(controller: AbortController) {
    this.#controller = controller;
  }

  tell(event: LeaseEvent): void {
    if (event.kind === 'granted') assert.equal(this.held, false, 'granted twice');
    if (event.kind === 'lost') assert.equal(this.held, true, 'lost what it did not hold');
    this.held = event.kind === 'granted';
    this.#unread.push(event);
    this.#wake();
  }

  release(): void {
    this.#controller.abort();
  }

  async granted(): Promise<number> {
    return (await this.#next('granted')).fence;
  }

  async waiting(): Promise<number> {
    return (await this.#next('waiting')).ahead;
  }

  async lost(): Promise<void> {
    await this.#next('lost');
  }

  /** Resolves when a lease that was given back has been seen to end. */
  async settled(): Promise<void> {
    if (this.held) await this.lost();
  }

  async #next<Kind extends LeaseEvent['kind']>(
    kind: Kind,
  ): Promise<Extract<LeaseEvent, { readonly kind: Kind }>> {
    for (;;) {
      const event = this.#unread.shift();
      if (event?.kind === kind) return event as Extract<LeaseEvent, { readonly kind: Kind }>;
      if (event === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
