import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaiaError, type Answer, type Call, type Gaia } from 'backstage-plugin-gaia-node';
import { failIfEnded, follow, keyOf, requestIn, summaryOf, takeBack, tokenOf, type Asker, type Request } from './requests.ts';

const REQUEST: Request = { id: 'req_1', service: 'photos', stack: 'acme-use1-dev', status: 'submitted', reason: '', next_step: '', preview: null };

/** A platform that answers by a script, and what it was asked. */
function played(answer: (call: Call, number: number) => unknown) {
  const calls: Call[] = [];
  const lines: string[] = [];
  let clock = 0;
  const gaia = {
    baseUrl: 'https://gaia',
    call: async (call: Call): Promise<Answer> => {
      calls.push(call);
      return { status: 200, etag: undefined, body: (await answer(call, calls.length)) as Record<string, unknown> };
    },
  } as unknown as Gaia;
  const pause = async (milliseconds: number, signal?: AbortSignal) => (signal?.throwIfAborted(), void (clock += milliseconds));
  const asker: Asker = { gaia, token: 'mine', say: line => lines.push(line), now: () => clock, pause };
  return { asker, calls, lines, after: (seconds: number) => (clock += seconds * 1000) };
}

const isLog = (call: Call) => call.path.endsWith('/log');

test('a step is one key, and another body, step or task is another', () => {
  const keys = [keyOf('t', 's', { a: 1 }), keyOf('t', 's', { a: 2 }), keyOf('t', 'r', { a: 1 }), keyOf('u', 's', { a: 1 })];
  assert.equal(new Set(keys).size, 4);
  assert.equal(keyOf('t', 's', { a: 1 }), keys[0]);
  assert.match(keys[0]!, /^[\x20-\x7e]{1,200}$/);
});

test('a task without the token of its person asks nothing', () => {
  for (const secrets of [undefined, {}, { gaiaToken: '' }, { USER_OAUTH_TOKEN: 'x' }]) {
    assert.throws(() => tokenOf(secrets as Record<string, string>), { code: 'gaia-token-missing' });
  }
});

test('a request is followed to its end, and what its runs say is said once', async () => {
  const statuses = ['submitted', 'waiting', 'applying', 'done'];
  const { asker, lines, calls } = played(call => {
    if (isLog(call)) return call.query?.after ? { lines: [], next: 2 } : { lines: [{ step: '1 plan', message: 'two\nlines' }, { step: '2 judge', message: '\u001b[2Jok' }], next: 2 };
    return { ...REQUEST, status: statuses.shift() ?? 'done' };
  });
  assert.equal((await follow(asker, 'req_1', 'end', 60)).status, 'done');
  assert.deepEqual(lines.filter(line => /^\d/.test(line)), ['1 plan: two lines', '2 judge: [2Jok']);
  assert.ok(calls.every(call => call.token === 'mine'));
});

test('who waits for the preview waits no longer than that', async () => {
  const { asker } = played(call => (isLog(call) ? { lines: [], next: 0 } : { ...REQUEST, status: 'waiting' }));
  assert.equal((await follow(asker, 'req_1', 'preview', 60)).status, 'waiting');
});

test('a request that came to no good end fails with its reason and next step', async () => {
  for (const status of ['denied', 'rejected', 'expired', 'parked', 'failed', 'of-a-later-version']) {
    const { asker } = played(call => (isLog(call) ? { lines: [], next: 0 } : { ...REQUEST, status, reason: 'a policy says no', next_step: 'Ask for less.' }));
    await assert.rejects(follow(asker, 'req_1', 'end', 60), { code: `request-${status}`, message: `photos is ${status}: a policy says no. Ask for less. (request-${status})` });
  }
  for (const status of ['queued', 'submitted', 'waiting', 'applying', 'done']) failIfEnded({ ...REQUEST, status });
});

test('a platform that is down for minutes is asked again, one that stays away ends the task', async () => {
  const down = new GaiaError('gaia-unreachable', 'cannot reach it', '');
  const back = played((call, number) => {
    if (number < 5) throw down;
    return isLog(call) ? { lines: [], next: 0 } : { ...REQUEST, status: 'done' };
  });
  assert.equal((await follow(back.asker, 'req_1', 'end', 60)).status, 'done');
  const gone = played(() => {
    throw down;
  });
  await assert.rejects(follow(gone.asker, 'req_1', 'end', 60), { code: 'gaia-unreachable' });
});

test('a token that holds no longer ends the task at once', async () => {
  const { asker, calls } = played(() => {
    throw new GaiaError('token-expired', 'this token expired', 'Make another one.', 401);
  });
  await assert.rejects(follow(asker, 'req_1', 'end', 60), { code: 'token-expired' });
  assert.equal(calls.length, 1);
});

test('nobody is waited for longer than was said', async () => {
  const { asker } = played(call => (isLog(call) ? { lines: [], next: 0 } : { ...REQUEST, status: 'waiting' }));
  await assert.rejects(follow(asker, 'req_1', 'end', 2), { code: 'request-late', message: /nobody has decided yet/ });
});

test('a cancelled task takes back what waits, and ends what is carried out', async () => {
  for (const [status, act] of [['waiting', 'reject'], ['submitted', 'cancel'], ['applying', 'cancel'], ['queued', 'cancel']]) {
    const { asker, calls } = played(() => ({ ...REQUEST, status }));
    await takeBack(asker, 'req_1');
    assert.deepEqual(calls.map(call => call.path), ['/requests/req_1', `/requests/req_1/${act}`]);
  }
  const { asker, calls } = played(() => ({ ...REQUEST, status: 'done' }));
  await takeBack(asker, 'req_1');
  assert.equal(calls.length, 1);
});

test('what is decided while it is taken back is looked at again', async () => {
  const statuses = ['submitted', 'waiting'];
  const { asker, calls } = played(call => {
    if (call.path.endsWith('/cancel')) throw new GaiaError('request-not-working', 'nothing is carried out', '', 409);
    return { ...REQUEST, status: call.method ? 'rejected' : statuses.shift() };
  });
  await takeBack(asker, 'req_1');
  assert.equal(calls.at(-1)?.path, '/requests/req_1/reject');
});

test('an answer that is no request is of another version', () => {
  for (const body of [{}, { request: null }, { request: { id: 1 } }, { id: 'req_1' }]) {
    assert.throws(() => requestIn(body), { code: 'gaia-other-version' });
  }
  assert.equal(requestIn({ request: REQUEST }).id, 'req_1');
});

test('a price that is not known is unknown, and never nothing', () => {
  const of = (totals: object | undefined) => summaryOf({ digest: 'd', changes: [], findings: [], totals } as never).cost;
  assert.deepEqual([of(undefined), of({}), of({ monthly: null, currency: 'USD' })], ['unknown', 'unknown', 'unknown']);
  assert.equal(of({ monthly: '12.30', currency: 'USD', partial: true }), 'at least 12.30 USD a month');
  const counted = summaryOf({ digest: 'd', findings: [], changes: ['create', 'replace', 'update', 'delete'].map(action => ({ action, address: 'a' })) });
  assert.deepEqual([counted.creates, counted.changes, counted.destroys], [2, 1, 2]);
});
