/** Requests of Gaia as a task sees them. Needs nothing of Backstage. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GaiaError, visible, type Gaia } from 'backstage-plugin-gaia-node';

const GOING = ['queued', 'submitted', 'applying'];
const LONGEST_SILENCE_MS = 5 * 60_000;
const LINES = 200;

/** A request, as far as it is looked at. */
export interface Request {
  id: string;
  service: string;
  stack: string;
  status: string;
  reason: string;
  next_step: string;
  preview: Preview | null;
}

export interface Preview {
  digest: string;
  changes: { address: string; action: string }[];
  findings: { message?: unknown; title?: unknown; outcome?: unknown; kind?: unknown }[];
  totals?: { monthly?: unknown; currency?: unknown; partial?: unknown };
}

/** In whose name, and who hears of it. */
export interface Asker {
  gaia: Gaia;
  token: string;
  say: (line: string) => void;
  signal?: AbortSignal;
  now?: () => number;
  pause?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

/** The token of the person whose task it is; never one that many share. */
export function tokenOf(secrets: Record<string, string> | undefined): string {
  const token = secrets?.gaiaToken;
  if (!token) {
    throw new GaiaError(
      'gaia-token-missing',
      'the task holds no token of the person who asks',
      'Give your own token of Gaia in the form: the template has the field `gaiaToken` of the kind Secret.',
      401,
    );
  }
  return token;
}

/** The same for the same call of the same step of the same task. */
export function keyOf(task: string, step: string | undefined, body: unknown): string {
  return `backstage-${createHash('sha256').update(JSON.stringify([task, step ?? '', body])).digest('hex')}`;
}

/** The request that an answer holds, itself or under `request`. */
export function requestIn(body: Record<string, unknown>): Request {
  const found = (body.request ?? body) as Partial<Request> | null;
  if (typeof found?.id !== 'string' || typeof found.status !== 'string') {
    throw new GaiaError(
      'gaia-other-version',
      'the answer is no request of the shape that this module reads',
      'Bring Gaia and the modules of Backstage to the same release.',
    );
  }
  return found as Request;
}

export function pathOf(request: string): string {
  return `/requests/${encodeURIComponent(request)}`;
}

export function pageOf(gaia: Gaia, request: string): string {
  return `${gaia.baseUrl}/requests/${encodeURIComponent(request)}`;
}

/** Throws what a request that came to no good end is. */
export function failIfEnded(request: Request): void {
  if ([...GOING, 'waiting', 'done'].includes(request.status)) return;
  const why = visible(request.reason) || 'no reason is given';
  throw new GaiaError(`request-${visible(request.status, 40)}`, `${request.service} is ${request.status}: ${why}`, visible(request.next_step, 500));
}

/**
 * Wait for the preview (`preview`), or for the end; what its runs say is said meanwhile. A platform that does not answer
 * is asked again for five minutes.
 */
export async function follow(asker: Asker, id: string, until: 'preview' | 'end', minutes: number): Promise<Request> {
  const now = asker.now ?? Date.now;
  const pause = asker.pause ?? ((milliseconds: number, signal?: AbortSignal) => sleep(milliseconds, undefined, { signal }));
  const begun = now();
  let heard = begun;
  let lines = 0;
  let told = '';
  for (let look = 1; ; look++) {
    try {
      const request = await requestAt(asker, id);
      lines = await sayLog(asker, id, lines);
      heard = now();
      if (request.status !== told) asker.say(`${request.service} in ${request.stack}: ${request.status}`);
      told = request.status;
      failIfEnded(request);
      if (request.status === 'done' || (until === 'preview' && !['queued', 'submitted'].includes(request.status))) return request;
      if (now() - begun > minutes * 60_000) throw late(request, minutes);
    } catch (error) {
      if (!(error instanceof GaiaError) || !error.passes || error.code.startsWith('request-')) throw error;
      if (now() - heard > LONGEST_SILENCE_MS) throw error;
      asker.say(`${error.message} Asked again.`);
    }
    await pause(Math.min(500 * look, 5000), asker.signal);
  }
}

async function requestAt(asker: Asker, id: string): Promise<Request> {
  return requestIn((await asker.gaia.call({ path: pathOf(id), token: asker.token, signal: asker.signal })).body);
}

async function sayLog(asker: Asker, id: string, after: number): Promise<number> {
  for (;;) {
    const { body } = await asker.gaia.call({ path: `${pathOf(id)}/log`, query: { after, limit: LINES }, token: asker.token, signal: asker.signal });
    const lines = Array.isArray(body.lines) ? (body.lines as { step?: unknown; message?: unknown }[]) : [];
    for (const line of lines) asker.say(`${visible(line.step, 100)}: ${visible(line.message)}`);
    if (typeof body.next === 'number') after = body.next;
    if (lines.length < LINES) return after;
  }
}

function late(request: Request, minutes: number): GaiaError {
  const why = request.status === 'waiting' ? 'nobody has decided yet' : 'it is still worked on';
  return new GaiaError('request-late', `${request.service} is ${request.status} after ${minutes} minutes, and ${why}`, 'The request goes on without this task: look at its page.');
}

/** Take back what a task asked for, whatever has come of it meanwhile: nothing of it is carried out from then on. */
export async function takeBack(asker: Asker, id: string): Promise<void> {
  const { gaia, token } = asker;
  for (let attempt = 1; ; attempt++) {
    const { status } = requestIn((await gaia.call({ path: pathOf(id), token })).body);
    if (!GOING.includes(status) && status !== 'waiting') return;
    const [act, body] = status === 'waiting' ? ['reject', { reason: 'The task in Backstage was cancelled.' }] : ['cancel', {}];
    try {
      await gaia.call({ method: 'POST', path: `${pathOf(id)}/${act}`, body, token, key: keyOf(id, act as string, attempt) });
      return;
    } catch (error) {
      const moved = error instanceof GaiaError && error.status === 409; // it was decided or ended in between
      if (!moved || attempt >= 3) throw error;
    }
  }
}

/** What a preview comes to, in few words and figures. */
export function summaryOf(preview: Preview): { creates: number; changes: number; destroys: number; cost: string } {
  const count = (...actions: string[]) => preview.changes.filter(one => actions.includes(one.action)).length;
  const { monthly, currency, partial } = preview.totals ?? {};
  const known = monthly !== undefined && monthly !== null;
  const replaced = count('replace');
  return {
    creates: count('create') + replaced,
    changes: count('update'),
    destroys: count('delete', 'destroy') + replaced,
    cost: known ? `${partial ? 'at least ' : ''}${visible(monthly, 40)} ${visible(currency, 10)} a month`.replace('  ', ' ') : 'unknown',
  };
}
