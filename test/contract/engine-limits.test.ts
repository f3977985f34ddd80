// Where a server lets a client go, and what it does not even begin to answer.
import { FLOOD_RULE, limitRules } from '../../src/contract/rules-limits.ts';
import { testRuleAt, testRules } from './rule-tests.ts';

testRules([limitRules]);
testRuleAt({ engine: { limits: { queuedFrames: 16_384 } } }, FLOOD_RULE);
