import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Gaia } from './calling.ts';
import { GaiaError, problemOf, visible } from './errors.ts';

const CANARY = 'gaia_canary-1f2e3d';

async function served(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse, number: number) => void, timeoutSeconds: number = 60): Promise<Gaia> {
  let number = 0;
  const server = createServer((request, response) => answer(request, response, (number += 1)));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const { port } = server.address() as AddressInfo;
  return new Gaia({ baseUrl: `http://127.0.0.1:${port}/`, timeoutSeconds, pause: async () => {} });
}

async function failed(promise: Promise<unknown>): Promise<GaiaError> {
  const error = await promise.then(() => assert.fail('nothing failed'), (found: unknown) => found);
  assert.ok(error instanceof GaiaError, String(error));
  assert.ok(!JSON.stringify([error.message, error.stack, error]).includes(CANARY), 'the token is in the error');
  return error;
}

test('a problem is its code, what is wrong, and what to do next', () => {
  const error = problemOf(403, { code: 'role-missing', detail: 'you may not\u001b[31m do this', next: { words: 'Ask an admin.' } });
  assert.equal(error.message, 'you may not [31m do this. Ask an admin. (role-missing)');
  assert.deepEqual([error.code, error.status, error.passes], ['role-missing', 403, false]);
});

test('what is no answer of Gaia says so, and so does a platform of another version', () => {
  for (const body of [undefined, null, 'x', [], {}, { code: 1, detail: 'x' }]) {
    assert.equal(problemOf(502, body).code, 'gaia-unreadable');
  }
  assert.equal(problemOf(404, { code: 'route-unknown', detail: 'there is no such route' }).code, 'gaia-other-version');
});

test('text of somebody else is one short line', () => {
  assert.equal(visible('a\r\nb\u202ec\u0000d\u2028e'), 'a b c d e');
  assert.equal(visible('x'.repeat(5000)).length, 2000);
  assert.equal(visible(undefined), '');
});

test('a call carries the token, the key and the tag, and its answer comes back', async t => {
  const gaia = await served(t, (request, response) => {
    response.setHeader('etag', '"2"');
    response.end(JSON.stringify({ url: request.url, ...request.headers }));
  });
  const { body, etag } = await gaia.call({ method: 'POST', path: '/x', query: { a: 'b c', none: undefined }, token: CANARY, body: {}, key: 'k', etag: '"1"' });
  assert.deepEqual([body.url, body.authorization, body['idempotency-key'], body['if-none-match'], etag], ['/api/v1/x?a=b+c', `Bearer ${CANARY}`, 'k', '"1"', '"2"']);
});

test('what holds still is no body', async t => {
  const gaia = await served(t, (_, response) => response.writeHead(304).end());
  assert.deepEqual(await gaia.call({ path: '/x', token: CANARY, etag: '"1"' }), { status: 304, etag: undefined, body: {} });
});

test('a server that begins is asked again, and one that says no is not', async t => {
  const gaia = await served(t, (request, response, number) => {
    if (number < 3) response.writeHead(503).end('starting');
    else if (request.url?.endsWith('/no')) response.writeHead(409).end(JSON.stringify({ code: 'c', detail: `${number}` }));
    else response.end('{}');
  });
  assert.equal((await gaia.call({ path: '/yes', token: CANARY })).status, 200);
  assert.equal((await failed(gaia.call({ path: '/no', token: CANARY }))).message, '4. (c)');
});

test('what would be done twice is called once', async t => {
  let calls = 0;
  const gaia = await served(t, (_, response) => response.writeHead(503).end(String((calls += 1))));
  await failed(gaia.call({ method: 'POST', path: '/x', token: CANARY, body: {} }));
  assert.equal(calls, 1);
  await failed(gaia.call({ method: 'POST', path: '/x', token: CANARY, body: {}, key: 'k' }));
  assert.equal(calls, 4);
});

test('a platform that does not answer is slow, one that is not there is unreachable', async t => {
  const slow = await served(t, () => {}, 0.05);
  assert.equal((await failed(slow.call({ method: 'POST', path: '/x', token: CANARY }))).code, 'gaia-slow');
  const gone = new Gaia({ baseUrl: 'http://127.0.0.1:1', pause: async () => {} });
  assert.deepEqual([(await failed(gone.call({ path: '/x', token: CANARY }))).code, (await failed(gone.call({ path: '/x', token: CANARY }))).passes], ['gaia-unreachable', true]);
});

test('a token goes to no other server', async t => {
  let told = 0;
  const other = await served(t, (_, response) => response.end(String((told += 1))));
  const gaia = await served(t, (_, response) => response.writeHead(302, { location: other.baseUrl }).end());
  await failed(gaia.call({ path: '/x', token: CANARY }));
  assert.equal(told, 0);
});

test('a token that cannot be one is refused and not repeated', async t => {
  const gaia = await served(t, (_, response) => response.end('{}'));
  for (const token of [`${CANARY}\n`, `${CANARY} x`, `${CANARY}\u0000`, 'é', '']) {
    assert.equal((await failed(gaia.call({ path: '/x', token }))).code, 'gaia-token-invalid');
  }
});

test('an answer that is no object is no answer', async t => {
  const answers = ['[]', 'null', '1', '<html>', ''];
  const gaia = await served(t, (_, response, number) => response.end(answers[number - 1]));
  for (const _ of answers) assert.equal((await failed(gaia.call({ path: '/x', token: CANARY }))).code, 'gaia-unreadable');
});

test('an address is checked when it is read', () => {
  for (const baseUrl of ['', 'gaia.example.com', 'ftp://x', 'https://me:secret@x', 'https://x?a']) {
    assert.throws(() => new Gaia({ baseUrl }), { code: 'gaia-address-invalid' });
  }
  assert.equal(new Gaia({ baseUrl: 'https://x/gaia/api/v1/' }).baseUrl, 'https://x/gaia');
});
