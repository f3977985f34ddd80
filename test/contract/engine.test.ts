// What our module and our clients rely on, of whichever engine serves them. Runs against the
// embedded host, or against the SpacetimeDB server that AGENT_WORLD_TEST_SERVER names.
import { connectionRules } from '../../src/contract/rules-connections.ts';
import { databaseRules } from '../../src/contract/rules-databases.ts';
import { httpCallRules, routeRules } from '../../src/contract/rules-http.ts';
import { queryRules } from '../../src/contract/rules-queries.ts';
import { reducerRules } from '../../src/contract/rules-reducers.ts';
import { scheduleRules } from '../../src/contract/rules-schedules.ts';
import { subscriptionRules } from '../../src/contract/rules-subscriptions.ts';
import { testRules } from './rule-tests.ts';

testRules([
  connectionRules,
  reducerRules,
  subscriptionRules,
  queryRules,
  scheduleRules,
  httpCallRules,
  routeRules,
  databaseRules,
]);
