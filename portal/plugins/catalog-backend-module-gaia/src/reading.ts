/** Gaia's answers, read with suspicion: what is not as promised is an error, and never an empty catalog. */
import { entityEnvelopeSchemaValidator, type Entity } from '@backstage/catalog-model';
import { GaiaError, visible, type Answer } from 'backstage-plugin-gaia-node';
import { refOf } from './difference.ts';

export interface Reading {
  entities: Entity[];
  /** Events up to this number are in it. */
  seq: number;
  /** Those that Backstage would not take, with the reason. */
  refused: Map<string, string>;
}

const envelope = entityEnvelopeSchemaValidator<Entity>();

export function entitiesOf(answer: Answer): Reading {
  const { entities, seq } = answer.body;
  if (!Array.isArray(entities) || !Number.isSafeInteger(seq)) throw otherShape('/catalog/entities');
  if (entities.length === 0) {
    throw new GaiaError(
      'gaia-empty',
      'Gaia names no entities at all',
      'Look whether the token of gaia.token sees the tenants that are to be in the catalog.',
    );
  }
  const found = new Map<string, Entity>();
  const refused = new Map<string, string>();
  for (const one of entities) {
    try {
      const entity = envelope(one);
      found.set(refOf(entity), entity);
    } catch (error) {
      refused.set(nameOf(one), visible(error instanceof Error ? error.message : error, 300));
    }
  }
  return { entities: [...found.values()], seq: seq as number, refused };
}

export interface News {
  types: string[];
  next: number;
}

export function newsOf(answer: Answer): News {
  const { events, next } = answer.body;
  if (!Array.isArray(events) || !Number.isSafeInteger(next)) throw otherShape('/events');
  return { types: events.map(event => String((event as { type?: unknown } | null)?.type ?? '')), next: next as number };
}

/** Its reference, as far as it has one. */
function nameOf(value: unknown): string {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  return refOf({
    kind: visible(kind, 63),
    metadata: { name: visible(metadata?.name, 63), namespace: metadata?.namespace === undefined ? undefined : visible(metadata.namespace, 63) },
  });
}

function otherShape(path: string): GaiaError {
  return new GaiaError(
    'gaia-other-version',
    `the answer of /api/v1${path} is not of the shape that this module reads`,
    'Bring Gaia and the modules of Backstage to the same release.',
  );
}
