import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entity } from '@backstage/catalog-model';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { GaiaError, type Answer, type Call, type Gaia } from 'backstage-plugin-gaia-node';
import { refOf } from './difference.ts';
import { GaiaEntityProvider, type Settings } from './provider.ts';

const CANARY = 'gaia_canary-1f2e3d';

function resources(count: number): Entity[] {
  const spec = { type: 'rds', owner: 'group:default/team' };
  return Array.from({ length: count }, (_, index) => ({ apiVersion: 'backstage.io/v1alpha1', kind: 'Resource', metadata: { name: `r-${index}`, namespace: 'default' }, spec }));
}

/** A provider between a platform that says what a test wants and a catalog that keeps what it is given. */
function between(first: unknown[] = resources(3), present: string[] = []) {
  const world = { entities: first as unknown, seq: 7 as unknown, events: [] as string[], fails: undefined as Error | undefined, clock: 1_000_000 };
  const settings: Settings = { token: CANARY, compareAfterSeconds: 300, share: 0.2, least: 10 };
  const calls: Call[] = [];
  const mutations: EntityProviderMutation[] = [];
  const lines: string[] = [];
  const keep = (level: string) => (line: string) => void lines.push(`${level}: ${line}`);
  const logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug'), child: () => logger };
  const call = async (asked: Call): Promise<Answer> => {
    calls.push(asked);
    if (world.fails) throw world.fails;
    if (asked.path === '/events') {
      const after = Number(asked.query?.after);
      const events = world.events.slice(Math.max(after - 7, 0)).map(type => ({ type }));
      return { status: 200, etag: undefined, body: { events, next: after + events.length } };
    }
    const etag = `"${JSON.stringify(world.entities).length}-${world.seq}"`;
    if (asked.etag === etag) return { status: 304, etag, body: {} };
    return { status: 200, etag, body: { entities: world.entities, seq: world.seq } };
  };
  const gaia = { baseUrl: 'https://gaia', call } as unknown as Gaia;
  const provider = new GaiaEntityProvider({ gaia, logger: logger as never, settings: () => settings, present: async () => present, now: () => world.clock });
  const happen = (type: string) => (world.events.push(`dev.gaia.${type}`), (world.seq = 7 + world.events.length));
  const look = async (seconds = 3) => ((world.clock += seconds * 1000), await provider.look());
  const connected = provider.connect({ applyMutation: async mutation => void mutations.push(mutation), refresh: async () => {} });
  return { world, settings, calls, mutations, lines, happen, look, connected };
}

function told(mutation: EntityProviderMutation | undefined) {
  assert.ok(mutation);
  return mutation.type === 'full'
    ? { full: mutation.entities.map(one => refOf(one.entity)) }
    : { added: mutation.added.map(one => refOf(one.entity)), removed: mutation.removed.map(one => ('entityRef' in one ? one.entityRef : refOf(one.entity))) };
}

test('everything is read once, then only what has changed is given', async () => {
  const { world, mutations, happen, look, calls } = between();
  await look();
  assert.deepEqual(told(mutations[0]), { full: ['resource:default/r-0', 'resource:default/r-1', 'resource:default/r-2'] });
  await look();
  world.entities = [...resources(2), { ...resources(1)[0], kind: 'Component' }];
  happen('request.done');
  await look();
  assert.deepEqual(told(mutations[1]), { added: ['component:default/r-0'], removed: ['resource:default/r-2'] });
  assert.equal(mutations.length, 2);
  assert.deepEqual(calls.map(one => one.path), ['/catalog/entities', '/events', '/events', '/catalog/entities']);
});

test('what Backstage is given says where it is from', async () => {
  const { mutations, look } = between();
  await look();
  const [first] = mutations[0]!.type === 'full' ? mutations[0]!.entities : [];
  assert.equal(first?.locationKey, 'gaia');
  assert.deepEqual(first?.entity.metadata.annotations, {
    'backstage.io/managed-by-location': 'url:https://gaia/api/v1/catalog/entities',
    'backstage.io/managed-by-origin-location': 'url:https://gaia/api/v1/catalog/entities',
    'gaia/provider': 'gaia',
  });
});

test('an event that changes nothing of the catalog is no reason to read it, and a push that tells nothing is found in time', async () => {
  const { world, mutations, happen, look, calls } = between();
  await look();
  happen('request.commented');
  await look();
  assert.equal(calls.filter(one => one.path === '/catalog/entities').length, 1);
  world.entities = resources(4);
  await look(301);
  assert.deepEqual(told(mutations[1]), { added: ['resource:default/r-3'], removed: [] });
});

test('nothing goes for an answer that is empty, unreadable or an error, and it is asked less and less often', async () => {
  const { world, mutations, happen, look, lines, calls } = between();
  await look();
  for (const [entities, seq] of [[[], 8], [{}, 8], [null, 8], [resources(1), '8'], [resources(1), undefined]]) {
    Object.assign(world, { entities, seq });
    world.events.push('dev.gaia.request.done');
    await look(400);
  }
  world.fails = new GaiaError('catalog-unreadable', 'a manifest cannot be read', '', 422);
  await look(400);
  assert.equal(mutations.length, 1);
  assert.equal(lines.filter(line => line.startsWith('error: The catalog stays as it is')).length, 6);
  const before = calls.length;
  await look(1);
  assert.equal(calls.length, before, 'it rests');
  Object.assign(world, { fails: undefined, entities: resources(3), seq: 20 });
  happen('request.done');
  await look(400);
  assert.deepEqual([mutations.length, lines.at(-1)], [1, 'info: Gaia answers again']);
});

test('a platform that says when to come again is asked then', async () => {
  const { world, look, calls } = between();
  await look();
  world.fails = new GaiaError('too-many', 'too many calls', '', 429, 60);
  await look();
  const before = calls.length;
  await look(59);
  assert.equal(calls.length, before);
  await look(2);
  assert.equal(calls.length, before + 1);
});

test('a large removal waits until somebody agrees to it, and says so once an hour', async () => {
  const { world, settings, mutations, happen, look, lines } = between(resources(100));
  await look();
  world.entities = resources(40);
  happen('repository.adopted');
  await look();
  await look();
  assert.equal(mutations.length, 1);
  const asked = lines.filter(line => line.startsWith('warn'));
  assert.equal(asked.length, 1);
  const word = /confirmRemoval to ([0-9a-f]{12})\./.exec(asked[0]!)?.[1];
  await look(3601);
  assert.equal(lines.filter(line => line.startsWith('warn')).length, 2);
  settings.confirmed = word;
  await look();
  assert.equal(mutations[1]?.type === 'delta' && mutations[1].removed.length, 60);
});

test('a restart forgets nothing: what the catalog holds is compared, and a large removal waits there too', async () => {
  const present = resources(100).map(refOf);
  const { mutations, look, lines } = between(resources(40), present);
  await look();
  const first = told(mutations[0]) as { added: string[]; removed: string[] };
  assert.deepEqual([first.added.length, first.removed], [40, []]);
  assert.match(lines.find(line => line.startsWith('warn')) ?? '', /60 of 100/);
  const small = between(resources(95), present);
  await small.look();
  assert.equal((told(small.mutations[0]) as { full: string[] }).full.length, 95);
});

test('one entity that Backstage would not take is left out and named, and keeps nobody else away', async () => {
  const bad = { apiVersion: 'backstage.io/v1alpha1', kind: 'Resource', metadata: { name: 7 } };
  const { world, mutations, happen, look, lines } = between([...resources(2), bad, null]);
  await look();
  assert.equal((told(mutations[0]) as { full: string[] }).full.length, 2);
  assert.ok(lines.some(line => line.startsWith('warn: Backstage does not take resource:default/7')));
  world.entities = [resources(1)[0], { ...resources(2)[1], apiVersion: 1 }];
  happen('request.done');
  await look();
  assert.equal(mutations.length, 1, 'what it had given stays');
});

test('a server that was put back to an older state is followed from there', async () => {
  const { world, happen, look, calls, mutations } = between();
  happen('request.done');
  happen('request.done');
  await look();
  Object.assign(world, { events: [], seq: 7, entities: resources(2) });
  await look(301);
  assert.equal(mutations.length, 2);
  await look();
  assert.equal(calls.at(-1)?.query?.after, 7);
});

test('the token stands in no line of the log', async () => {
  const { world, look, lines } = between();
  await look();
  world.fails = new GaiaError('token-expired', 'this token expired', 'Make another one.', 401);
  await look();
  assert.ok(lines.length >= 2);
  assert.ok(!lines.join('\n').includes(CANARY));
});
