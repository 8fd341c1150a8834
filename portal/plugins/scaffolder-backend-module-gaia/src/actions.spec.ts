import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Gaia } from 'backstage-plugin-gaia-node';
import { actionsOf, NAMES } from './actions.ts';

const CANARY = 'gaia_canary-1f2e3d';
const REQUEST = { id: 'req_1', service: 'photos', stack: 'acme-use1-dev', status: 'submitted', reason: '', next_step: '', preview: null };
const INPUT = { template: 'object-store', stack: 'acme-use1-dev', name: 'photos', answers: { owner: 'team' } };

interface Asked {
  method: string;
  path: string;
  key: string | undefined;
  token: string | undefined;
  body: unknown;
}

/** A platform that answers by a script, and a task of Backstage's that asks it. */
async function playing(t: TestContext, answer: (asked: Asked) => [number, unknown]) {
  const calls: Asked[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const { authorization: token, 'idempotency-key': key } = request.headers;
    const asked: Asked = { method: request.method!, path: request.url!, key: key as string | undefined, token, body: text ? JSON.parse(text) : undefined };
    calls.push(asked);
    const [status, body] = answer(asked);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const gaia = new Gaia({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutSeconds: 60, pause: async () => {} });
  const actions = new Map(actionsOf(gaia).map(one => [one.id, one]));
  const lines: string[] = [];
  const outputs: Record<string, unknown> = {};
  const say = (line: string) => void lines.push(line);
  const cancelling = new AbortController();
  const run = async (id: string, input: object, more: object = {}) => {
    const context = {
      input,
      logger: { info: say, warn: say, error: say, debug: say },
      secrets: { gaiaToken: CANARY },
      task: { id: 'task-1' },
      step: { id: 'step-1' },
      signal: cancelling.signal,
      output: (name: string, value: unknown) => void (outputs[name] = value),
      ...more,
    };
    await actions.get(id)!.handler(context as never);
  };
  return { calls, lines, outputs, run, cancelling, gaia };
}

test('each action says what it takes and gives, and has a dry run', async t => {
  const { gaia } = await playing(t, () => [200, {}]);
  const actions = actionsOf(gaia);
  assert.deepEqual(actions.map(one => one.id), NAMES);
  for (const one of actions) {
    assert.ok(one.supportsDryRun && one.description && one.schema?.input && one.schema.output, one.id);
  }
});

test('a service is asked for in the name of the person, and once however often the step is run', async t => {
  for (const id of ['gaia:request', 'custom:atmos:provision']) {
    const { calls, outputs, run, gaia } = await playing(t, () => [202, { request: REQUEST }]);
    await run(id, INPUT);
    await run(id, INPUT);
    await run(id, INPUT, { task: { id: 'task-2' } });
    assert.deepEqual(calls[0]?.body, { template: 'object-store', service: 'photos', stack: 'acme-use1-dev', answers: { owner: 'team' }, expires_in: null, ttl: null, on_failure: 'park' });
    assert.deepEqual([calls[0]?.path, calls[0]?.token], ['/api/v1/services', `Bearer ${CANARY}`]);
    assert.equal(calls[0]?.key, calls[1]?.key);
    assert.notEqual(calls[0]?.key, calls[2]?.key);
    assert.deepEqual(outputs, { request: 'req_1', status: 'submitted', url: `${gaia.baseUrl}/requests/req_1` });
  }
});

test('a refusal of the platform is the error of the task', async t => {
  const { run } = await playing(t, () => [403, { code: 'role-missing', detail: 'you may not ask in acme/dev', next: { words: 'Ask an admin for the role developer.' } }]);
  await assert.rejects(run('gaia:request', INPUT), { message: 'you may not ask in acme/dev. Ask an admin for the role developer. (role-missing)' });
});

test('a form that was open while the questions changed asks for nothing', async t => {
  const { calls, run } = await playing(t, asked => [200, asked.method === 'GET' ? { name: 'object-store', version: '2.0.0' } : { request: REQUEST }]);
  await assert.rejects(run('gaia:request', { ...INPUT, version: '1.0.0' }), { code: 'template-changed', message: /Open the form again/ });
  assert.deepEqual(calls.map(one => one.method), ['GET']);
  await run('gaia:request', { ...INPUT, version: '2.0.0' });
  assert.equal(calls.at(-1)?.path, '/api/v1/services');
});

test('a dry run writes nothing down', async t => {
  const { calls, run } = await playing(t, () => [200, { answers: {} }]);
  const dry = { isDryRun: true };
  await run('gaia:request', INPUT, dry);
  await run('gaia:retire', { service: 'photos', stack: 's' }, dry);
  await run('gaia:preview', { request: 'req_1' }, dry);
  await run('gaia:wait', { request: 'req_1' }, dry);
  await run('gaia:approve', { request: 'req_1', digest: 'd' }, dry);
  assert.deepEqual(calls.map(one => one.path), ['/api/v1/templates/object-store/answers']);
});

test('what is approved is the preview that was read', async t => {
  const { calls, run } = await playing(t, () => [202, { request: { ...REQUEST, status: 'applying' } }]);
  await run('gaia:approve', { request: 'req_1', digest: 'sha256:1', reason: 'fine' });
  assert.deepEqual([calls[0]?.path, calls[0]?.body], ['/api/v1/requests/req_1/approve', { digest: 'sha256:1', reason: 'fine' }]);
});

test('names of somebody else are no paths', async t => {
  const { calls, run } = await playing(t, () => [202, { request: REQUEST }]);
  await run('gaia:retire', { service: '../requests/req_2/approve?x', stack: 's' });
  assert.equal(calls[0]?.path, '/api/v1/services/..%2Frequests%2Freq_2%2Fapprove%3Fx/retire');
});

test('a preview is shown with its price, and what it is called to be approved', async t => {
  const preview = { digest: 'sha256:1', changes: [{ action: 'create', address: 'aws_s3_bucket.this\u001b[2J' }], findings: [{ message: 'no owner' }], totals: { monthly: '1.20', currency: 'USD' } };
  const { lines, outputs, run } = await playing(t, asked => [200, asked.path.includes('/log') ? { lines: [], next: 0 } : { ...REQUEST, status: 'waiting', preview }]);
  await run('gaia:preview', { request: 'req_1' });
  assert.deepEqual(outputs, { digest: 'sha256:1', creates: 1, changes: 0, destroys: 0, cost: '1.20 USD a month', findings: 1 });
  assert.ok(lines.includes('create aws_s3_bucket.this [2J'));
  assert.ok(lines.includes('policy: no owner'));
});

test('a task that is cancelled later takes back what it asked for', async t => {
  let told = () => {};
  const taken = new Promise<void>(resolve => (told = resolve));
  const { calls, run, cancelling } = await playing(t, asked => {
    if (asked.path.endsWith('/reject')) setImmediate(told);
    return [200, asked.method === 'GET' ? { ...REQUEST, status: 'waiting' } : { request: REQUEST, ...REQUEST }];
  });
  await run('gaia:request', INPUT);
  cancelling.abort();
  await taken;
  assert.deepEqual(calls.at(-1)?.path, '/api/v1/requests/req_1/reject');
});

test('a task that is cancelled already asks for nothing', async t => {
  const { calls, run, cancelling } = await playing(t, () => [202, { request: REQUEST }]);
  cancelling.abort();
  await assert.rejects(run('gaia:request', INPUT), { name: 'AbortError' });
  assert.deepEqual(calls, []);
});

test('the token is in no line, no output and no error', async t => {
  const answers: [number, unknown][] = [[202, { request: REQUEST }], [401, { code: 'token-expired', detail: 'this token expired' }], [500, '<html>'], [200, {}]];
  for (const answer of answers) {
    const { lines, outputs, run } = await playing(t, () => answer);
    const failed: unknown[] = [];
    for (const [id, input] of Object.entries({ 'gaia:request': INPUT, 'gaia:retire': { service: 's', stack: 's' }, 'gaia:approve': { request: 'r', digest: 'd' } })) {
      await run(id, input).catch((error: Error) => failed.push(error.message, error.stack, JSON.stringify(error)));
    }
    assert.ok(!JSON.stringify([lines, outputs, failed]).includes(CANARY));
  }
});
