// A client of today in a world that still runs the module of 0.1.0, and in the same world upgraded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODULE_LEVEL } from '../../src/core/module-level.ts';
import { lookForReview } from '../../src/review/export-review.ts';
import { Review } from '../../src/review/review.ts';
import { changeExportRule, exportRule } from '../../src/world/export-rule.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { createInvite, endInvite } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { memberName } from '../../src/world/member-name.ts';
import { publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { openFirstWorld } from '../harness/first-world.ts';
import { bundle, caughtUp, profileOf } from './world-lab.ts';

const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

test(
  'inviting and joining go on under 0.1.0; upgraded, the world tells who came by whom',
  { skip },
  async (t) => {
    const { uri, database, owner: self, enter } = await openFirstWorld(t);
    const { identity: owner, token } = self;
    const inviteOf = async (session: WorldSession, uses: number): Promise<string> => {
      const terms = {
        kind: 'human',
        role: 'editor',
        capabilities: ['edit'],
        pathScope: [],
      } as const;
      const expiresAtMs = Date.now() + 60_000;
      return (await createInvite(session, uri, { ...terms, uses, expiresAtMs }, systemRandomBytes))
        .secret;
    };
    const join = async (secret: string, self: StoredIdentity, name: string): Promise<void> =>
      joinWorld({ uri, database, secret, self, profile: profileOf(name) });

    const before = await enter({ identity: owner, token });
    assert.equal(before.moduleLevel, 1);
    assert.ok(before.view.files.size > 0);
    const early = await newIdentity(uri);
    const twin = await newIdentity(uri);
    const old = await inviteOf(before, 9);
    await join(old, early, 'Ada');
    await join(old, twin, 'ada');
    await caughtUp(before);
    assert.equal(before.view.origins.size, 0);
    await assert.rejects(endInvite(before, 'ab'.repeat(16)), { message: /^upgrade_needed: / });
    const review = new Review(before, systemRandomBytes);
    assert.deepEqual(review.fileIds, []);
    await assert.rejects(review.files(), { message: /^upgrade_needed: / });
    assert.equal(exportRule(before), undefined);
    await assert.rejects(changeExportRule(before, 'reviewed'), { message: /^upgrade_needed: / });
    const { unreviewed } = await lookForReview(before, systemRandomBytes, {});
    assert.equal(unreviewed, undefined, 'its exports are marked as they were');
    assert.equal(memberName(before.view, early.identity), `Ada (${early.identity.slice(0, 8)})`);
    await removeMember(before, early.identity);

    await publishModule({ uri, token, database, bundle: await bundle() });
    const after = await enter({ identity: owner, token });
    assert.equal(after.moduleLevel, MODULE_LEVEL);
    assert.deepEqual(
      await new Review(after, systemRandomBytes).files(),
      [],
      'what agents did before the upgrade is nobody’s to look at',
    );
    await changeExportRule(after, 'reviewed');
    await caughtUp(after);
    assert.equal(exportRule(after), 'reviewed');
    await assert.rejects(join(old, early, 'Ada'), /removed after the invite was made/);
    const late = await newIdentity(uri);
    await join(old, late, 'Ada');
    await join(await inviteOf(after, 1), early, 'Eve');
    await caughtUp(before, after);
    assert.equal(after.view.origins.get(late.identity)?.invitedBy, owner);
    assert.equal(memberName(after.view, late.identity), 'Ada 2', 'the twin of before has the name');
    assert.equal(memberName(after.view, twin.identity), 'ada');
    assert.equal(before.state.tag, 'online', 'a client of before stays connected');
    assert.equal(before.view.members.get(late.identity)?.displayName, 'Ada 2');
  },
);
