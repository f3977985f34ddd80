import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Clock } from '../../../src/host/clock.ts';
import { bsatnToHex, hexToBsatn, identityOf } from '../../../src/host/identity.ts';
import { newSigningKey, TokenAuthority } from '../../../src/host/token-authority.ts';

const stoppedClock = (seconds: number): Clock => ({
  nowMicros: () => BigInt(seconds) * 1_000_000n,
  after: () => () => {},
});

test('an identity is derived as SpacetimeDB derives it', () => {
  assert.equal(
    identityOf('localhost', 'alice'),
    'c20035600353a2e93544d898c6ed0eac323e200c0468300f22958f8b472a265d',
  );
});

test('an identity survives its binary form, least significant byte first', () => {
  const identity = identityOf('localhost', 'alice');
  assert.equal(bsatnToHex(hexToBsatn(identity)), identity);
  assert.equal(hexToBsatn(identity).at(-1), 0xc2);
});

test('a token proves the identity it was issued for', () => {
  const tokens = new TokenAuthority(newSigningKey(), stoppedClock(1000));
  const issued = tokens.issue();
  assert.equal(tokens.check(issued.token).identity, issued.identity);
  assert.equal(tokens.check(tokens.shortLived(issued).token).identity, issued.identity);
  assert.notEqual(tokens.issue().identity, issued.identity);
});

test('a token that was changed, signed by another, malformed or expired is refused', () => {
  const key = newSigningKey();
  const tokens = new TokenAuthority(key, stoppedClock(1000));
  const issued = tokens.issue();
  const [header = '', payload = '', signature = ''] = issued.token.split('.');
  const claims = { ...JSON.parse(issued.claims), sub: 'somebody-else' } as object;
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const unsigned = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
  const bad = [
    '',
    'a.b.c',
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${forged}.${signature}`,
    `${unsigned}.${payload}.`,
    `${unsigned}.${payload}.${signature}`,
    `${issued.token}.more`,
    new TokenAuthority(newSigningKey(), stoppedClock(1000)).issue().token,
  ];
  for (const token of bad) assert.throws(() => tokens.check(token), { code: 'bad_token' }, token);
  const short = tokens.shortLived(issued).token;
  const later = new TokenAuthority(key, stoppedClock(1061));
  assert.throws(() => later.check(short), { code: 'bad_token' });
  assert.equal(later.check(issued.token).identity, issued.identity, 'others do not expire');
});

test('a home keeps its signing key', async (t: TestContext) => {
  const home = await mkdtemp(path.join(tmpdir(), 'agent-world-keys-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const issued = TokenAuthority.open(home, stoppedClock(1000)).issue();
  const reopened = TokenAuthority.open(home, stoppedClock(1000));
  assert.equal(reopened.check(issued.token).identity, issued.identity);
});
