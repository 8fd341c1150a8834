import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, hashOf, mayChange, refOf, type Thing } from './difference.ts';

const LIMITS = { share: 0.2, least: 10 };

function things(count: number, from: number = 0): Thing[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'Resource', metadata: { name: `r-${from + index}` } }));
}

function heldOf(all: Thing[]): Map<string, string> {
  return new Map(all.map(one => [refOf(one), hashOf(one)]));
}

test('only what is new or another is given, and what is gone is taken away', () => {
  const held = heldOf(things(100));
  const other = { kind: 'Resource', metadata: { name: 'r-1', title: 'another' } };
  const made = change(held, [...things(1), other, ...things(97, 3), ...things(1, 500)], LIMITS);
  assert.deepEqual(made.added.map(refOf).sort(), ['resource:default/r-1', 'resource:default/r-500']);
  assert.deepEqual(made.removed, ['resource:default/r-2']);
  assert.equal(made.waiting, undefined);
  assert.equal(made.held.size, 100);
  assert.deepEqual(change(made.held, [...things(1), other, ...things(97, 3), ...things(1, 500)], LIMITS).added, []);
});

test('the order of keys is no difference', () => {
  assert.equal(hashOf({ a: 1, b: { c: [1, 2], d: 2 } }), hashOf({ b: { d: 2, c: [1, 2] }, a: 1 }));
  assert.notEqual(hashOf({ a: [1, 2] }), hashOf({ a: [2, 1] }));
});

test('a removal of more than the share waits, while what is new is given', () => {
  const made = change(heldOf(things(30_000)), [...things(20_000), ...things(1, 90_000)], LIMITS);
  assert.deepEqual([made.added.length, made.removed.length, made.waiting?.refs.length], [1, 0, 10_000]);
  assert.equal(made.held.size, 30_001);
});

test('who agrees to a removal agrees to exactly that one', () => {
  const held = heldOf(things(100));
  const word = change(held, things(50), LIMITS).waiting?.word;
  assert.match(word ?? '', /^[0-9a-f]{12}$/);
  assert.equal(change(held, things(50), { ...LIMITS, confirmed: word }).removed.length, 50);
  const more = change(held, things(49), { ...LIMITS, confirmed: word });
  assert.deepEqual([more.removed.length, more.waiting?.refs.length], [0, 51]);
  assert.notEqual(more.waiting?.word, word);
});

test('few may go at once, however large a share they are', () => {
  const made = change(heldOf(things(12)), things(2), LIMITS);
  assert.deepEqual([made.removed.length, made.waiting], [10, undefined]);
  assert.equal(change(heldOf(things(13)), things(2), LIMITS).removed.length, 0);
});

test('an empty answer takes nothing away, whatever was agreed to', () => {
  const held = heldOf(things(3));
  const first = change(held, [], { share: 1, least: 1000 });
  assert.deepEqual([first.removed.length, first.held.size], [0, 3]);
  const again = change(held, [], { share: 1, least: 1000, confirmed: first.waiting?.word });
  assert.deepEqual([again.removed.length, again.held.size], [0, 3]);
});

test('what the answer names and Backstage would not take stays as it was', () => {
  const made = change(heldOf(things(3)), things(2), LIMITS, new Set(['resource:default/r-2', 'resource:default/new']));
  assert.deepEqual([made.removed, [...made.held.keys()].length], [[], 3]);
});

test('a name is one reference in whatever letters', () => {
  assert.equal(refOf({ kind: 'Group', metadata: { name: 'Team', namespace: 'Default' } }), 'group:default/team');
});

test('after an event that can change the catalog, or that nobody here knows, it is read', () => {
  const read = ['request.done', 'request.retired', 'instance.applied', 'repository.adopted', 'service.expired', 'group.joined', 'something.new', ''];
  const quiet = ['request.commented', 'request.submitted', 'drift.found', 'token.created', 'instance.applying', 'home.backed-up'];
  assert.deepEqual(read.filter(one => !mayChange(one)), []);
  assert.deepEqual(quiet.filter(one => mayChange(`dev.gaia.${one}`)), []);
});
