import { ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, type Entity } from '@backstage/catalog-model';
import type { LoggerService, SchedulerServiceTaskRunner } from '@backstage/backend-plugin-api';
import type { DeferredEntity, EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node';
import { GaiaError, type Gaia } from 'backstage-plugin-gaia-node';
import { change, mayChange, type Change, type Held, type Limits } from './difference.ts';
import { entitiesOf, newsOf } from './reading.ts';

/** The annotation that every entity of this provider has: what it gave before a restart is found by it. */
export const PROVIDED = 'gaia/provider';
const NAME = 'gaia';
const PATH = '/catalog/entities';
const PAGE = 500;
const SLOWEST_MS = 5 * 60_000;
const REMIND_MS = 60 * 60_000;

export interface Settings extends Limits {
  token: string;
  compareAfterSeconds: number;
}

export interface Parts {
  gaia: Gaia;
  logger: LoggerService;
  /** Asked anew each time: configuration may change while the backend runs. */
  settings: () => Settings;
  /** What the catalog holds of this provider, by reference. */
  present: () => Promise<string[]>;
  now?: () => number;
}

/**
 * Reads everything once, then follows Gaia's events and gives Backstage what has changed.
 *
 * An answer that is empty, unreadable or late deletes nothing. A removal of more than a share waits until somebody has
 * agreed to exactly that one.
 */
export class GaiaEntityProvider implements EntityProvider {
  private readonly parts: Parts;
  private readonly now: () => number;
  private connection: EntityProviderConnection | undefined;
  private held: Held | undefined;
  private waiting: Change<Entity>['waiting'];
  private remindedAt = 0;
  private etag: string | undefined;
  private cursor = 0;
  private readAt = 0;
  private failures = 0;
  private restsUntil = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.now = parts.now ?? Date.now;
  }

  getProviderName(): string {
    return NAME;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.connection = connection;
  }

  /** To be called after `connect`. Each process follows for itself, for each has to know what it holds. */
  async follow(runner: SchedulerServiceTaskRunner): Promise<void> {
    await runner.run({ id: 'gaia-catalog', fn: signal => this.look(signal as AbortSignal) });
  }

  /** One look at what is new. A failure is told, and the next look waits longer each time. */
  async look(signal?: AbortSignal): Promise<void> {
    if (!this.connection || this.now() < this.restsUntil) return;
    try {
      await this.keepUp(signal);
      if (this.failures) this.parts.logger.info('Gaia answers again');
      this.failures = 0;
    } catch (error) {
      if (signal?.aborted) return;
      this.rest(error);
    }
  }

  private rest(error: unknown): void {
    this.failures += 1;
    const asked = error instanceof GaiaError ? (error.retryAfter ?? 0) * 1000 : 0;
    const wait = Math.min(Math.max(2 ** this.failures * 1000, asked), SLOWEST_MS);
    this.restsUntil = this.now() + wait;
    const words = error instanceof Error ? error.message : String(error);
    this.parts.logger.error(`The catalog stays as it is: ${words} Asked again in ${Math.round(wait / 1000)} s.`);
  }

  private async keepUp(signal?: AbortSignal): Promise<void> {
    const settings = this.parts.settings();
    if (!this.held) {
      const present = await this.parts.present();
      await this.read(settings, new Map(present.map(ref => [ref, ''])), signal);
      return;
    }
    const agreed = this.waiting !== undefined && settings.confirmed === this.waiting.word;
    if (agreed) this.etag = undefined; // the same answer is to be looked at once more
    const { changed, next } = await this.news(settings.token, signal);
    const due = changed || agreed || this.now() - this.readAt >= settings.compareAfterSeconds * 1000;
    if (!due || !(await this.read(settings, this.held, signal))) this.cursor = next;
    this.remind();
  }

  private async news(token: string, signal?: AbortSignal): Promise<{ changed: boolean; next: number }> {
    let changed = false;
    for (let after = this.cursor; ; ) {
      const { types, next } = newsOf(await this.parts.gaia.call({ path: '/events', query: { after, limit: PAGE }, token, signal }));
      changed ||= types.some(mayChange);
      if (types.length < PAGE || next <= after) return { changed, next };
      after = next;
    }
  }

  /** Whether there was anything else than what is held; then events are followed from where the answer ends. */
  private async read(settings: Settings, held: Held, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.parts.gaia.call({ path: PATH, token: settings.token, etag: this.held && this.etag, signal });
    if (answer.status === 304) {
      this.readAt = this.now();
      return false;
    }
    const { entities, seq, refused } = entitiesOf(answer);
    const made = change(held, entities.map(one => this.located(one)), settings, new Set(refused.keys()));
    await this.apply(made);
    for (const [ref, reason] of refused) this.parts.logger.warn(`Backstage does not take ${ref}: ${reason}`);
    this.cursor = seq; // also where it is less: a server that was put back to an older state counts on from there
    this.held = made.held;
    this.etag = answer.etag;
    this.readAt = this.now();
    if (made.waiting?.word !== this.waiting?.word) this.remindedAt = 0;
    this.waiting = made.waiting;
    this.remind();
    return true;
  }

  private async apply(made: Change<Entity>): Promise<void> {
    const connection = this.connection!;
    const first = this.held === undefined;
    if (first && made.held.size === made.added.length) {
      await connection.applyMutation({ type: 'full', entities: made.added.map(deferred) });
    } else if (made.added.length || made.removed.length) {
      const removed = made.removed.map(entityRef => ({ entityRef, locationKey: NAME }));
      await connection.applyMutation({ type: 'delta', added: made.added.map(deferred), removed });
    }
    if (first || made.added.length || made.removed.length) {
      this.parts.logger.info(`${made.held.size} entities of Gaia: ${made.added.length} given, ${made.removed.length} taken away`);
    }
  }

  /** Say, and say again each hour, that a removal waits for somebody. */
  private remind(): void {
    if (!this.waiting || (this.remindedAt && this.now() - this.remindedAt < REMIND_MS)) return;
    this.remindedAt = this.now();
    const { refs, word } = this.waiting;
    const some = refs.slice(0, 5).join(', ') + (refs.length > 5 ? ', …' : '');
    this.parts.logger.warn(
      `Gaia names ${refs.length} of ${this.held?.size ?? 0} entities no more (${some}). They stay in the catalog until ` +
        `somebody agrees: look whether Gaia is right, then set gaia.catalog.confirmRemoval to ${word}.`,
    );
  }

  private located(entity: Entity): Entity {
    const from = `url:${this.parts.gaia.baseUrl}/api/v1${PATH}`;
    const annotations = { ...entity.metadata.annotations, [ANNOTATION_LOCATION]: from, [ANNOTATION_ORIGIN_LOCATION]: from, [PROVIDED]: NAME };
    return { ...entity, metadata: { ...entity.metadata, annotations } };
  }
}

function deferred(entity: Entity): DeferredEntity {
  return { entity, locationKey: NAME };
}
