import { after, before, describe, test } from 'node:test';
import { newIdentity, type Owner } from '../../src/contract/engine-http.ts';
import { EngineProbe } from '../../src/contract/engine-probe.ts';
import type { EngineKind, Rule, RuleGroup } from '../../src/contract/rule.ts';
import { recognizeServer } from '../../src/doctor/recognize-server.ts';
import type { ServerOptions } from '../../src/host/server.ts';
import { openTestServer, probeModules, type TestServer } from './engine-harness.ts';

/** Checks rules, each as a test, at a server that lives as long as the file. */
export function testRules(groups: readonly RuleGroup[]): void {
  const site = openSite();
  for (const { subject, rules } of groups) {
    describe(subject, () => {
      for (const rule of rules.filter(isCheckable)) {
        test(rule.name, async (t) => {
          const { engine } = site();
          const why = rule.unchecked[engine];
          if (why === undefined) await checkRule(site(), rule);
          else t.skip(why);
        });
      }
    });
  }
}

/** Checks a rule at a server that is made as strict as it asks for. */
export function testRuleAt(options: Partial<ServerOptions>, rule: Rule): void {
  const site = openSite(options);
  test(rule.name, async (t) => {
    if (site().engine === 'embedded') await checkRule(site(), rule);
    else t.skip(rule.unchecked.spacetimedb);
  });
}

/** Of some rules nobody can be asked from outside, whichever engine it is. */
function isCheckable({ unchecked }: Rule): boolean {
  return unchecked.embedded === undefined || unchecked.spacetimedb === undefined;
}

type Site = ConstructorParameters<typeof EngineProbe>[0];

function openSite(options: Partial<ServerOptions> = {}): () => Site {
  let server: TestServer;
  let engine: EngineKind;
  let owner: Owner;
  before(async () => {
    server = await openTestServer(options);
    engine = await engineOf(server);
    owner = await newIdentity(server.uri);
  });
  after(() => server.close());
  return () => ({
    uri: server.uri,
    engine,
    owner,
    modules: probeModules,
  });
}

/** A server that was given may be either. */
async function engineOf({ embedded, uri }: TestServer): Promise<EngineKind> {
  if (embedded !== null) return 'embedded';
  return (await recognizeServer(uri, new AbortController().signal)).engine;
}

async function checkRule(site: Site, rule: Rule): Promise<void> {
  const probe = new EngineProbe(site);
  try {
    await rule.check(probe);
  } finally {
    await probe.finish();
  }
}
