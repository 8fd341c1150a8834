import { setTimeout as sleep } from 'node:timers/promises';
import { GaiaError, problemOf, visible } from './errors.ts';

const PREFIX = '/api/v1';
const TRIES = 3;
/** Statuses of a proxy, or of a server that begins or ends. */
const AGAIN = [502, 503, 504];

export interface GaiaOptions {
  baseUrl: string;
  timeoutSeconds?: number;
  /** Waits so many milliseconds before a call is made again. */
  pause?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

export interface Call {
  method?: 'GET' | 'POST';
  /** After `/api/v1`; names in it are escaped with `encodeURIComponent`. */
  path: string;
  /** In whose name. */
  token: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** The same call with the same key is done once, so it is made again where its answer was lost. */
  key?: string;
  /** Of what is held: 304 if it is still so. */
  etag?: string;
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  etag: string | undefined;
  /** An object; empty for 304. */
  body: Record<string, unknown>;
}

/** What is read of Backstage's configuration; `ConfigApi` is one. */
interface Readable {
  getString(key: string): string;
  getOptionalNumber(key: string): number | undefined;
}

/** The platform that `gaia.baseUrl` names. */
export function gaiaOf(config: Readable): Gaia {
  return new Gaia({ baseUrl: config.getString('gaia.baseUrl'), timeoutSeconds: config.getOptionalNumber('gaia.timeoutSeconds') });
}

/** One server of Gaia. Holds no token: each call says in whose name it is. */
export class Gaia {
  /** Without a path, as people open it. */
  readonly baseUrl: string;
  private readonly timeout: number;
  private readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;

  constructor(options: GaiaOptions) {
    this.baseUrl = addressOf(options.baseUrl);
    this.timeout = (options.timeoutSeconds ?? 30) * 1000;
    this.pause = options.pause ?? ((milliseconds, signal) => sleep(milliseconds, undefined, { signal }));
  }

  /** The answer; a `GaiaError` for everything that is none. */
  async call(call: Call): Promise<Answer> {
    const tries = call.method !== 'POST' || call.key ? TRIES : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(call);
      } catch (error) {
        const again = error instanceof GaiaError && (error.status === 0 || AGAIN.includes(error.status));
        if (!again || attempt >= tries || call.signal?.aborted) throw error;
      }
      await this.pause(200 * attempt, call.signal);
    }
  }

  private async once(call: Call): Promise<Answer> {
    const url = new URL(this.baseUrl + PREFIX + call.path);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const limit = AbortSignal.timeout(this.timeout);
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
    try {
      const response = await fetch(url, {
        method: call.method ?? 'GET',
        headers: headersOf(call),
        body: call.body === undefined ? undefined : JSON.stringify(call.body),
        redirect: 'error', // a token goes where the configuration says, and nowhere else
        signal,
      });
      return await answerOf(response);
    } catch (error) {
      if (error instanceof GaiaError) throw error;
      if (call.signal?.aborted) throw call.signal.reason;
      throw this.unreachable(error, limit.aborted);
    }
  }

  private unreachable(error: unknown, slow: boolean): GaiaError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return slow
      ? new GaiaError('gaia-slow', `${this.baseUrl} did not answer within ${this.timeout / 1000} s`, 'Look whether Gaia is busy; gaia.timeoutSeconds gives it longer.')
      : new GaiaError('gaia-unreachable', `cannot reach ${this.baseUrl}: ${visible(cause, 300)}`, 'Look whether Gaia runs and gaia.baseUrl names it.');
  }
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new GaiaError('gaia-address-invalid', 'gaia.baseUrl is no address of a server', 'Write it like https://gaia.example.com.');
  }
  return url.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

function headersOf(call: Call): Record<string, string> {
  return {
    accept: 'application/json',
    authorization: `Bearer ${checked(call.token)}`,
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.key ? { 'idempotency-key': call.key } : {}),
    ...(call.etag ? { 'if-none-match': call.etag } : {}),
  };
}

/** What cannot be in a header is refused here: the error of `fetch` would hold it. */
function checked(token: string): string {
  if (!/^[\x21-\x7e]{1,8192}$/.test(token)) {
    throw new GaiaError('gaia-token-invalid', 'this is no token of Gaia', 'Give a token as it was shown, without blanks.', 401);
  }
  return token;
}

async function answerOf(response: Response): Promise<Answer> {
  const etag = response.headers.get('etag') ?? undefined;
  if (response.status === 304) return { status: 304, etag, body: {} };
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (!response.ok || typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw problemOf(response.status, response.ok ? undefined : body, response.headers.get('retry-after'));
  }
  return { status: response.status, etag, body: body as Record<string, unknown> };
}
