/** What is another than what is held, and what of it may go. Needs nothing but the language. */
import { createHash } from 'node:crypto';

/** What is looked at of an entity; the rest is carried along. */
export interface Thing {
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** By reference: the hash of what Backstage was given, empty where only the name is known. */
export type Held = ReadonlyMap<string, string>;

export interface Limits {
  /** From 0 to 1. */
  share: number;
  least: number;
  /** What somebody agreed to: the `word` of a removal. */
  confirmed?: string;
}

export interface Change<T extends Thing> {
  /** New, or another than before. */
  added: T[];
  removed: string[];
  /** What is not in the answer and stays, for nobody agreed to so large a removal; `word` names exactly this one. */
  waiting: { refs: string[]; word: string } | undefined;
  /** What is held once this is applied. */
  held: Map<string, string>;
}

export function refOf(thing: Thing): string {
  return `${thing.kind}:${thing.metadata.namespace ?? 'default'}/${thing.metadata.name}`.toLowerCase();
}

/** The same for the same content, in whatever order its keys are. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(ordered(value)).digest('hex');
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** `kept` are references that stay although the answer gave nothing usable for them. */
export function change<T extends Thing>(held: Held, answer: readonly T[], limits: Limits, kept: ReadonlySet<string> = new Set()): Change<T> {
  const next = new Map<string, string>();
  const added: T[] = [];
  for (const thing of answer) {
    const ref = refOf(thing);
    const hash = hashOf(thing);
    if (held.get(ref) !== hash) added.push(thing);
    next.set(ref, hash);
  }
  const gone = [...held.keys()].filter(ref => !next.has(ref) && !kept.has(ref)).sort();
  const word = wordOf(gone);
  const asks = answer.length === 0 ? gone.length > 0 : tooMany(gone.length, held.size, limits) && limits.confirmed !== word;
  const stays = asks ? [...kept, ...gone] : [...kept];
  for (const ref of stays) {
    const hash = held.get(ref);
    if (hash !== undefined) next.set(ref, hash);
  }
  return { added, removed: asks ? [] : gone, waiting: asks ? { refs: gone, word } : undefined, held: next };
}

function tooMany(gone: number, held: number, limits: Limits): boolean {
  return gone > limits.least && gone > limits.share * held;
}

/** Names a removal by what it removes: what somebody agreed to is that one, and no later one. */
function wordOf(refs: string[]): string {
  return createHash('sha256').update(refs.join('\n')).digest('hex').slice(0, 12);
}

/** Events after which the catalog is what it was. Of what is not known here, it is read again. */
const QUIET = [
  /^request\.(submitted|queued|waiting|denied|signed|commented|rejected|expired|approved|confirmed|cancelled)$/,
  /^service\.(expires-soon|expiry-failed|kept)$/,
  /^(drift|workflow|session|link|token|webhook|audit|home|key|delegation)\./,
  /^instance\.(applying|destroying|moving|accepting|command)$/,
];

/** Whether the catalog can be another after such an event. */
export function mayChange(type: string): boolean {
  const name = type.replace(/^dev\.gaia\./, '');
  return !QUIET.some(pattern => pattern.test(name));
}
