import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { mockCredentials, mockServices, startTestBackend } from '@backstage/backend-test-utils';
import catalog from '@backstage/plugin-catalog-backend';
import gaiaModule from './index.ts';

const TOKEN = 'gaia_viewer-1f2e3d';

function component(name: string) {
  return { apiVersion: 'backstage.io/v1alpha1', kind: 'Component', metadata: { name, namespace: 'default' }, spec: { type: 'service', lifecycle: 'dev', owner: 'group:default/team' } };
}

test('in a real catalog a service appears and goes within seconds of its event', async t => {
  const platform = { entities: [component('first')], events: [] as string[] };
  const gaia = createServer((request, response) => {
    const url = new URL(request.url!, 'http://gaia');
    const after = Number(url.searchParams.get('after') ?? 0);
    const events = platform.events.slice(after).map(type => ({ type }));
    const body = url.pathname === '/api/v1/events' ? { events, next: after + events.length } : { entities: platform.entities, seq: platform.events.length };
    const allowed = request.headers.authorization === `Bearer ${TOKEN}`;
    response.writeHead(allowed ? 200 : 401).end(JSON.stringify(allowed ? body : { code: 'token-unknown', detail: 'no' }));
  });
  await new Promise<void>(resolve => gaia.listen(0, '127.0.0.1', resolve));
  t.after(() => (gaia.closeAllConnections(), gaia.close()));
  const baseUrl = `http://127.0.0.1:${(gaia.address() as AddressInfo).port}`;
  const data = { gaia: { baseUrl, token: TOKEN, catalog: { schedule: { frequency: { seconds: 1 }, timeout: { seconds: 60 } } } } };
  const backend = await startTestBackend({ features: [catalog.default, gaiaModule, schedulerServiceFactory, mockServices.rootConfig.factory({ data })] });
  t.after(() => backend.stop());

  const address = `http://127.0.0.1:${backend.server.port()}/api/catalog/entities?filter=kind=component&fields=metadata`;
  const until = async (...names: string[]) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
      const found = (await (await fetch(address, { headers: { authorization: mockCredentials.user.header() } })).json()) as { metadata: { name: string } }[];
      if (found.map(one => one.metadata.name).sort().join() === names.join()) return;
    }
    assert.fail(`the catalog does not come to hold ${names.join()}`);
  };
  await until('first');
  platform.entities = [component('first'), component('second')];
  platform.events.push('dev.gaia.request.done');
  await until('first', 'second');
  platform.entities = [component('second')];
  platform.events.push('dev.gaia.request.retired');
  await until('second');
});
